/*
 * What the values of single headers mean.  Pure; a value that is not
 * well-formed is refused or counts as absent, never repaired.
 */
#ifndef DAEMON_HTTP_HEADERS_H
#define DAEMON_HTTP_HEADERS_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/flow/request.h"
#include "daemon/http/coding.h"

#define KEY_ID_DIGITS     16 /* hex */
#define KEY_SECRET_DIGITS 43 /* base62 */

struct bearer {
	char id[KEY_ID_DIGITS + 1];
	char secret[KEY_SECRET_DIGITS + 1];
};

/* "Bearer vd_<id>_<secret>" */
bool header_bearer(const char *value, struct bearer *out);
/* "vo_<id>_<secret>": an officer */
bool header_actor(const char *value, struct bearer *out);
/* 16 lower-case hex digits */
bool header_officer(const char *value);

/* The better wished of Chinese and English; English when neither is, or NULL. */
enum lang header_lang(const char *accept_language);

/* What the lines of Accept-Encoding say of three codings, in thousandths; -1: nothing. */
struct codings {
	int gzip, identity, others;
};
#define CODINGS_UNSAID ((struct codings){ -1, -1, -1 })
/* One line, with what those before it said. */
void header_codings(const char *accept_encoding, struct codings *io);
/* Of two that are as welcome, gzip; and no coding when neither is. */
enum coding_wish codings_wish(const struct codings *said);

/* application/json or application/...+json, in UTF-8 */
bool header_is_json(const char *content_type);
bool header_is_identity(const char *content_encoding);

/* 1 to 64 of [A-Za-z0-9._:-] */
bool header_is_token(const char *value);

/* W3C: 00-<32 hex>-<16 hex>-<2 hex>, lower case, ids not all zero */
bool header_is_traceparent(const char *value);

/* An entity tag or "*": printable ASCII, at most 64. */
bool header_is_if_match(const char *value);

/* If-None-Match: one of its tags is that one, strong or weak; or it is "*". */
bool header_has_etag(const char *list, const char *etag);

/* Whole UTF-8 without control characters, of 1 to `max` bytes. */
bool text_is_clean(const char *s, size_t n, size_t max);

#endif
