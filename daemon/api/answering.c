/*
 * From the ledger's reply to an answer.
 *
 * The changes of a write are put into this worker's mirror here, before the
 * answer, even when the client has gone meanwhile.
 */
#include "daemon/api/answering.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/api/app.h"
#include "daemon/api/ask.h"
#include "daemon/base/arena.h"
#include "daemon/codec/ledger_answer.h"
#include "daemon/mirror/mirror.h"

static const char *read_number(const char *from, char end, uint64_t *out)
{
	size_t n = strspn(from, "0123456789");

	if (n == 0 || n > 19 || from[n] != end)
		return NULL;
	*out = strtoull(from, NULL, 10);
	return from + n + 1;
}

bool read_position(const char *text, uint64_t *xid, uint64_t *id)
{
	const char *rest = read_number(text, '.', xid);

	return rest && read_number(rest, '\0', id);
}

bool ask_apply(struct flow *f, const struct ask *ask)
{
	const struct reply *r = &ask->reply;

	uint64_t xid = 0, id = 0;

	if (r->position && r->position[0])
		(void)read_position(r->position, &xid, &id);
	mirror_apply(flow_app(f)->mirror, r->changes, r->n_changes, xid, id);
	return strcmp(r->code, "ok") == 0;
}

bool ask_settle(struct flow *f, const struct ask *ask)
{
	const struct reply *r = &ask->reply;
	bool fine = ask_apply(f, ask);

	if (r->position && r->position[0])
		flow_header(f, "Consistency-Token", r->position);
	return fine;
}

enum next ask_refuse(struct flow *f, const struct ask *ask)
{
	return flow_refuse(f, ask->reply.code, NULL, ask->reply.body);
}

enum next ask_answer(struct flow *f, const struct ask *ask, const char *json)
{
	bool again = ask->reply.replayed && ask->reply.status == 201;

	return flow_reply(f, again ? 200 : ask->reply.status, json);
}

void tag_version(struct flow *f, const char *json)
{
	int64_t version = codec_member_number(json, "version");

	if (version > 0)
		flow_header(f, "ETag",
		    arena_printf(flow_arena(f), "\"%lld\"", (long long)version));
}

enum next answer_reply(struct flow *f, void *state)
{
	const struct ask *ask = state;

	if (!ask_settle(f, ask))
		return ask_refuse(f, ask);
	return ask_answer(f, ask, ask->reply.body);
}

enum next answer_tagged(struct flow *f, void *state)
{
	const struct ask *ask = state;

	if (!ask_settle(f, ask))
		return ask_refuse(f, ask);
	tag_version(f, ask->reply.body);
	return ask_answer(f, ask, ask->reply.body);
}

enum next refuse_input(struct flow *f, const struct faults *fs)
{
	return flow_refuse(f, "validation-failed", fs, NULL);
}

enum next refuse_missing(struct flow *f)
{
	return flow_refuse(f, "not-found", NULL, NULL);
}
