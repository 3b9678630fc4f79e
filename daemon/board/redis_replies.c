/*
 * Owns the table of Redis's error words.
 *
 * It refuses to know which command was refused.  NOSCRIPT is here although
 * scripts are always sent whole; a proxy in between may still say it.
 */
#include "daemon/board/redis_replies.h"

#include <stddef.h>
#include <string.h>

static const struct error_reply table[] = {
	{ "LOADING", E_UNAVAILABLE, false, "it is loading its data" },
	{ "BUSY", E_UNAVAILABLE, false, "a script is running too long" },
	{ "MISCONF", E_UNAVAILABLE, false, "it cannot save and takes no writes" },
	{ "OOM", E_UNAVAILABLE, false, "its memory is full" },
	{ "NOSCRIPT", E_UNAVAILABLE, false, "it forgot a script" },
	{ "TRYAGAIN", E_UNAVAILABLE, false, "a slot is moving" },
	{ "CLUSTERDOWN", E_UNAVAILABLE, false, "the cluster is down" },
	{ "NOREPLICAS", E_UNAVAILABLE, false, "too few replicas" },
	{ "READONLY", E_UNAVAILABLE, true, "it is a replica" },
	{ "MASTERDOWN", E_UNAVAILABLE, true, "it is a replica without a master" },
	{ "MOVED", E_UNAVAILABLE, true, "the city's slot is on another node" },
	{ "ASK", E_UNAVAILABLE, true, "the city's slot is on another node" },
	{ "UNBLOCKED", E_UNAVAILABLE, true, "it was demoted while we waited" },
	{ "WRONGPASS", E_UNAVAILABLE, true, "the user or the password is wrong" },
	{ "NOAUTH", E_UNAVAILABLE, true, "it wants a password" },
	{ "NOPERM", E_INTERNAL, false, "the user may not do this" },
	{ "WRONGTYPE", E_INTERNAL, false, "a key of ours holds something else" },
	{ "ERR", E_INTERNAL, false, "it refuses the command" },
	{ NULL, E_INTERNAL, false, "an unknown error" },
};

const struct error_reply *error_reply_find(const char *text)
{
	size_t n = strcspn(text, " \r\n");
	const struct error_reply *e = table;

	while (e->word && (strlen(e->word) != n || memcmp(e->word, text, n) != 0))
		e++;
	return e;
}
