/*
 * The fakes of api_fakes.h.  They stand in for the libraries ledger and mirror:
 * the linker takes these and leaves the archives' members out.
 */
#include "api_fakes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "daemon/base/arena.h"
#include "daemon/catalog/catalog.h"
#include "daemon/catalog/permissions.h"
#include "daemon/vault/vault.h"
#include "matcher/match.h"

struct ledger_script script;
struct asked asked;
struct answered answered;
struct index *mirrored;
bool mirror_ready, clock_known;
enum status mirror_awaits;

static struct event_base *base;
static struct flow_engine *engine;
static struct app app;
static struct policy policy = { .version = "test-1",
	.occupation = { 350, 245, 140, 50 },
	.area = { 200, 170, 110, 60, 20 },
	.skills = 200,
	.skills_unstated = 100,
	.pay = 150,
	.pay_slack_percent = 25,
	.experience = 60,
	.freshness = { 40, 30, 20, 10, 0 },
	.freshness_days = { 7, 30, 60, 90 },
	.band = 25 };

struct ledger {
	struct done waiting;
	struct event *later;
};
static struct ledger ledger;

static void answer_later(evutil_socket_t fd, short what, void *arg)
{
	struct done d = ledger.waiting;

	(void)fd;
	(void)what;
	(void)arg;
	event_free(ledger.later);
	done_call(d, script.status);
}

void ledger_call(struct ledger *l, enum ledger_op op, const struct caller *who,
    const struct ledger_arg *args, size_t n_args, struct arena *arena, struct reply *out,
    struct done done)
{
	const struct timeval now = { 0 };

	(void)arena;
	asked.calls++;
	asked.op = op;
	asked.n_args = n_args;
	snprintf(asked.kid, sizeof(asked.kid), "%s", who->kid);
	snprintf(asked.actor, sizeof(asked.actor), "%s", who->actor);
	snprintf(asked.idempotency, sizeof(asked.idempotency), "%s",
	    who->idempotency_key ? who->idempotency_key : "");
	if (who->request_hash)
		memcpy(asked.request_hash, who->request_hash, 32);
	for (size_t i = 0; i < n_args; i++) {
		if (args[i].binary)
			asked.lengths[i] = args[i].len;
		else
			snprintf(asked.args[i], sizeof(asked.args[i]), "%s",
			    args[i].data ? (const char *)args[i].data : "(null)");
	}
	*out = script.reply;
	l->waiting = done;
	l->later = evtimer_new(base, answer_later, NULL);
	evtimer_add(l->later, &now);
}

bool ledger_recognises(const struct ledger *l, const char *code)
{
	(void)l;
	(void)code;
	return false;
}

unsigned ledger_wait_s(const struct ledger *l, enum ledger_op op, const char *organisation)
{
	(void)l;
	(void)op;
	(void)organisation;
	return script.wait_s;
}

bool ledger_clock(const struct ledger *l, int *day_2000, int64_t *unix_seconds, bool *fixed)
{
	(void)l;
	*day_2000 = day_of(2007, 7, 12);
	*unix_seconds = 1184205600;
	*fixed = true;
	return clock_known;
}

bool mirror_is_ready(const struct mirror *m)
{
	(void)m;
	return mirror_ready;
}

bool mirror_is_following(const struct mirror *m)
{
	(void)m;
	return true;
}

int64_t mirror_age_ms(const struct mirror *m)
{
	(void)m;
	return 7;
}

uint64_t mirror_seq(const struct mirror *m)
{
	(void)m;
	return 41;
}

void mirror_apply(struct mirror *m, const struct change *changes, size_t n, uint64_t xid,
    uint64_t id)
{
	(void)m;
	(void)changes;
	asked.applied += (int)n;
	asked.applied_xid = xid;
	asked.applied_id = id;
}

static struct done awaiting;

static void end_await(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	done_call(awaiting, mirror_awaits);
}

void mirror_await(struct mirror *m, uint64_t xid, uint64_t id, unsigned ms, struct done done)
{
	const struct timeval now = { 0 };

	(void)m;
	asked.awaited++;
	asked.awaited_xid = xid;
	asked.awaited_id = id;
	asked.awaited_ms = ms;
	awaiting = done;
	event_base_once(base, -1, EV_TIMEOUT, end_await, NULL, &now);
}

const struct index *mirror_index(const struct mirror *m)
{
	(void)m;
	return mirrored;
}

bool mirror_label(const struct mirror *m, uint64_t vacancy, struct vacancy_label *out)
{
	(void)m;
	(void)vacancy;
	*out = (struct vacancy_label){ "保安员", "测试企业", "900–1200元/月" };
	return true;
}

int fakes_start(void **state)
{
	char path[] = "/tmp/vacancyd-api-test-XXXXXX";
	const char *why = NULL;
	int fd = mkstemp(path);

	(void)state;
	if (fd < 0)
		return -1;
	close(fd);
	unlink(path);
	base = event_base_new();
	app = (struct app){ .city = 4101,
		.ledger = &ledger,
		.policy = &policy,
		.openapi = "openapi: 3.1.0\n",
		.openapi_json = "{}" };
	app.catalog = catalog_read(SOURCE_DIR "/config/data", 4101);
	if (!app.catalog || !vault_create_file(path))
		return -1;
	app.vault = vault_open_file(path, &why);
	unlink(path);
	engine = flow_engine_new(base, &app, 10000);
	return app.vault && engine ? 0 : -1;
}

int fakes_stop(void **state)
{
	(void)state;
	flow_engine_free(engine);
	vault_free(app.vault);
	catalog_free((struct catalog *)app.catalog);
	event_base_free(base);
	index_free(mirrored);
	return 0;
}

int fakes_reset(void **state)
{
	(void)state;
	index_free(mirrored);
	mirrored = index_new();
	mirror_ready = true;
	mirror_awaits = OK;
	clock_known = true;
	script = (struct ledger_script){ OK,
		{ .status = 200, .code = "ok", .body = "{}", .position = "" } };
	asked = (struct asked){ 0 };
	answered = (struct answered){ 0 };
	return 0;
}

static void remember(void *arg, const struct request *r, const struct answer *a)
{
	size_t at = 0;

	(void)arg;
	(void)r;
	answered.times++;
	answered.status = a->status;
	snprintf(answered.type, sizeof(answered.type), "%s", a->content_type);
	snprintf(answered.body, sizeof(answered.body), "%.*s", (int)a->body_len, a->body);
	for (size_t i = 0; i < a->n_headers; i++)
		at += (size_t)snprintf(answered.headers + at, sizeof(answered.headers) - at,
		    "%s: %s\n", a->headers[i].name, a->headers[i].value);
}

/* Fills params when the path is of the pattern. */
static bool is_of(const char *pattern, char *path, struct request *r)
{
	size_t n = 0;
	char *save = NULL;
	char *copy = strdup(pattern);
	char *rest = NULL;
	char *p = strtok_r(path, "/", &save);
	char *q = strtok_r(copy, "/", &rest);

	while (p && q) {
		if (q[0] == '{')
			r->params[n++] = p;
		else if (strcmp(p, q) != 0)
			break;
		p = strtok_r(NULL, "/", &save);
		q = strtok_r(NULL, "/", &rest);
	}
	free(copy);
	return !p && !q;
}

/* As the table of authorisation has it. */
static const char *masked_for(const char *action, enum role role)
{
	static struct permissions *table;
	const struct permission *may;

	if (!table)
		table = permissions_read(SOURCE_DIR "/config/data");
	if (!table)
		abort();
	may = action ? permission_of(table, action) : NULL;
	return may ? may->masked[role] : NULL;
}

void send_request(const struct sent *s)
{
	struct arena *memory = arena_new();
	struct request *r = arena_alloc(memory, sizeof(*r));
	struct principal *who = arena_alloc(memory, sizeof(*who));
	const struct route *route = NULL;

	*who = (struct principal){ .kid = "00112233445566aa", .role = s->role, .city = 4101 };
	snprintf(who->scope, sizeof(who->scope), "%s", s->scope ? s->scope : "4101");
	r->method = s->method;
	r->path = arena_strdup(memory, s->path);
	r->body = s->body ? arena_strdup(memory, s->body) : "";
	r->body_len = strlen(r->body);
	r->if_match = s->if_match;
	r->position = s->position;
	r->idempotency_key = s->method == METHOD_POST ? "key-1" : NULL;
	r->who = who;
	memcpy(r->id, "0123456789abcdef0123456789abcdef", 33);
	for (int i = 0; i < 4 && s->query[i]; i += 2)
		r->query[r->n_query++] = (struct query_param){ s->query[i], s->query[i + 1] };
	for (size_t i = 0; i < n_api_routes && !route; i++) {
		if (api_routes[i].method == s->method &&
		    is_of(api_routes[i].pattern, arena_strdup(memory, s->path), r))
			route = &api_routes[i];
	}
	if (!route)
		abort();
	r->of_route = route->arg;
	r->masked = masked_for(route->action, s->role);
	flow_start(engine, route->plan, r, memory, remember, NULL);
	while (flow_engine_alive(engine))
		event_base_loop(base, EVLOOP_ONCE);
}

bool answer_has(const char *text)
{
	return strstr(answered.body, text) != NULL;
}
