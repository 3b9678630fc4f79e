/*
 * Cross-origin requests (the Fetch standard's CORS protocol): pages of which origins may read
 * answers, and what a browser is told that asks before it sends.
 *
 * A caller says who they are by a header that a script sets, never by a cookie, so no answer
 * allows credentials.
 */
#ifndef DAEMON_HTTP_CORS_H
#define DAEMON_HTTP_CORS_H

#include <stdbool.h>

struct buf;
struct head;
struct route;

/* The Origin of a request when it is one of `origins` ("https://a, https://b:8443"), letter by
 * letter; else NULL. */
const char *cors_origin(const char *origins, const struct head *head);

/* OPTIONS with Access-Control-Request-Method. */
bool cors_is_preflight(const struct head *head);
/* The route of all preflights: its request's `of_route` is the list of methods. */
extern const struct route cors_preflight;

/* The headers of an answer for a page of that origin. */
void cors_put(struct buf *b, const char *origin);

#endif
