/*
 * The list of servers, and whose turn it is.
 *
 * It opens no connection.  All connections share one turn, so when a server
 * dies they move on together instead of each waiting for it in turn.
 */
#include "daemon/ledger/hosts.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "daemon/base/buf.h"
#include "daemon/base/network.h"
#include "daemon/base/oom.h"
#include "daemon/log/log.h"

static bool is_address(const char *host)
{
	struct network any;

	return *host == '/' || *host == '@' ||
	       network_read((struct piece){ host, strlen(host) }, &any);
}

static void put_words(struct buf *b, const char *conninfo)
{
	PQconninfoOption *options = PQconninfoParse(conninfo, NULL);

	for (PQconninfoOption *o = options; o && o->keyword; o++) {
		if (!o->val)
			continue;
		buf_printf(b, "%s%s='", b->len ? " " : "", o->keyword);
		for (const char *c = o->val; *c; c++)
			buf_printf(b, *c == '\'' || *c == '\\' ? "\\%c" : "%c", *c);
		buf_putc(b, '\'');
	}
	if (!options) /* nobody is to go elsewhere: what is wrong stays wrong */
		buf_puts(b, conninfo);
	PQconninfoFree(options);
}

/* A URI too; of two words libpq takes the last. */
static char *joined(const char *conninfo, const char *as)
{
	struct buf b = { 0 };

	if (!as || !*as)
		return must_strdup(conninfo);
	put_words(&b, conninfo);
	put_words(&b, as);
	return b.data;
}

static void describe(struct host *h)
{
	PQconninfoOption *options = PQconninfoParse(h->conninfo, NULL);
	const char *host = "", *address = "", *port = "";
	struct buf label = { 0 };

	for (PQconninfoOption *o = options; o && o->keyword; o++) {
		h->has_password |= o->val && strcmp(o->keyword, "password") == 0;
		if (o->val && strcmp(o->keyword, "host") == 0)
			host = o->val;
		if (o->val && strcmp(o->keyword, "hostaddr") == 0)
			address = o->val;
		if (o->val && strcmp(o->keyword, "port") == 0)
			port = o->val;
	}
	buf_printf(&label, "%s%s%s", *host ? host : address, *port ? ":" : "", port);
	h->label = label.data;
	if (!options)
		log_event(LOG_LEVEL_ERROR, "ledger.bad-conninfo", NULL);
	else if (h->has_password)
		log_event(LOG_LEVEL_WARN, "ledger.password-in-settings", "host", h->label,
		    "danger", "others can read it: put it into a file for passfile=", NULL);
	if (*host && !*address && !is_address(host))
		/* libpq resolves names inside PQconnectStart, and the loop waits for it. */
		log_event(LOG_LEVEL_WARN, "ledger.host-is-a-name", "host", host, NULL);
	PQconninfoFree(options);
}

void hosts_init(struct hosts *h, const char *text, const char *as)
{
	char *copy = must_strdup(text ? text : ""), *rest = copy, *one;

	*h = (struct hosts){ 0 };
	while ((one = strsep(&rest, "|"))) {
		h->list = must_realloc(h->list, (h->n + 1) * sizeof(*h->list));
		h->list[h->n] = (struct host){ .conninfo = joined(one, as) };
		describe(&h->list[h->n]);
		h->n++;
	}
	free(copy);
}

void hosts_release(struct hosts *h)
{
	for (size_t i = 0; i < h->n; i++) {
		free(h->list[i].conninfo);
		free(h->list[i].label);
	}
	free(h->list);
	*h = (struct hosts){ 0 };
}

void hosts_pass_over(struct hosts *h, const struct host *failed)
{
	if (&h->list[h->current] == failed)
		h->current = (h->current + 1) % h->n;
}
