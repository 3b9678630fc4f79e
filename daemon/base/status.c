/*
 * The names of statuses, for logs.
 */
#include "daemon/base/status.h"

const char *status_name(enum status st)
{
	switch (st) {
	case OK:
		return "ok";
	case E_INVALID:
		return "invalid";
	case E_NOT_FOUND:
		return "not-found";
	case E_CONFLICT:
		return "conflict";
	case E_BUSY:
		return "busy";
	case E_UNAVAILABLE:
		return "unavailable";
	case E_UNKNOWN:
		return "unknown";
	case E_TIMEOUT:
		return "timeout";
	case E_INTERNAL:
		return "internal";
	}
	return "?";
}
