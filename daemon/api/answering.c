/*
 * From the ledger's reply to an answer.
 *
 * The changes of a write are put into this worker's mirror here, before the
 * answer, even when the client has gone meanwhile.
 */
#include "daemon/api/answering.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/api/app.h"
#include "daemon/api/ask.h"
#include "daemon/api/names.h"
#include "daemon/api/parameters.h"
#include "daemon/base/arena.h"
#include "daemon/base/count.h"
#include "daemon/codec/ledger_answer.h"
#include "daemon/codec/rules.h"
#include "daemon/mirror/mirror.h"
#include "daemon/tables/registers.h"

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

/* What stands in the pattern's braces; NULL: it has not so many parts. */
static const char *part_name(struct flow *f, size_t part)
{
	const char *at = flow_request(f)->pattern;

	for (size_t i = 0; at && i <= part; i++) {
		at = strchr(at, '{');
		at = at ? at + 1 : NULL;
	}
	return at ? arena_strndup(flow_arena(f), at, strcspn(at, "}")) : NULL;
}

enum next ask_refuse(struct flow *f, const struct ask *ask)
{
	/* The ledger says which, where a request names several. */
	if (strcmp(ask->reply.code, "not-found") == 0 && strlen(ask->reply.body) < 3 &&
	    part_name(f, 0) && !part_name(f, 1))
		return refuse_missing(f, 0);
	return flow_refuse(f, ask->reply.code, NULL, ask->reply.body);
}

/* The member that names what POST to a collection makes; NULL: there is nothing to read. */
static const char *member_of(const char *collection)
{
	static const char *const made[][2] = { { "households", "household" },
		{ "officers", "officer" }, { "placements", "placement" },
		{ "referrals", "referral" }, { "seekers", "seeker" } };

	for (size_t i = 0; i < COUNT(made); i++)
		if (strcmp(made[i][0], collection) == 0)
			return made[i][1];
	for (size_t i = 0; i < n_registers; i++)
		if (registers[i].plural && strcmp(registers[i].plural, collection) == 0)
			return registers[i].id;
	return NULL;
}

/* RFC 3986; a slash within a segment was refused when the path was read. */
static const char *percent_encode(struct arena *a, const char *path)
{
	char *encoded = arena_alloc(a, 3 * strlen(path) + 1), *to = encoded;

	for (; *path; path++) {
		unsigned char c = (unsigned char)*path;

		if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
		    (c >= 'a' && c <= 'z') || strchr("-._~/", c))
			*to++ = (char)c;
		else
			to += sprintf(to, "%%%02X", c);
	}
	*to = '\0';
	return encoded;
}

/* Where what was made can be read: what PUT named; an item of its collection; or the file,
 * officer or other thing that it belongs to. */
static void locate(struct flow *f, const char *json)
{
	static const size_t root = sizeof("/v1/") - 1;
	const struct request *r = flow_request(f);
	struct arena *a = flow_arena(f);
	const char *path = r->path, *id = NULL, *member;

	if (r->method == METHOD_POST) {
		const char *below = strchr(path + root, '/');

		member = below ? NULL : member_of(path + root);
		if (member)
			id = codec_member_text(a, json, member);
		if (!below && !id)
			return;
		path = below ? arena_strndup(a, path,
				   strcspn(below + 1, "/") + (size_t)(below + 1 - path))
			     : arena_printf(a, "%s/%s", path, id);
	}
	flow_header(f, "Location", percent_encode(a, path));
}

enum next ask_answer(struct flow *f, const struct ask *ask, const char *json)
{
	bool again = ask->reply.replayed && ask->reply.status == 201;

	if (ask->reply.status == 201 && !again)
		locate(f, json);
	if (flow_request(f)->method == METHOD_GET)
		json = names_beside(f, json);
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

enum next refuse_missing(struct flow *f, size_t part)
{
	const struct broken_rule *rule = broken_rule(BROKEN_NOT_FOUND);
	struct faults *fs = faults_new(f);

	fault_add(fs, arena_printf(flow_arena(f), "path/%s", part_name(f, part)), rule->name,
	    flow_request(f)->params[part], NULL, rule->en, rule->zh);
	return flow_refuse(f, "not-found", fs, NULL);
}
