/*
 * bench_server: what else could stand behind our HTTP layer.
 *
 *   bench_server --data DIR --policy FILE --size N --listen ADDRESS --body FILE
 *                [--workers W] [--postgres CONNINFO] [--redis PATH]
 *
 *   /bare/{seeker}       the bytes of FILE; the key is checked and nothing else done
 *   /index/{seeker}      the answer out of the index in this process
 *   /engine/{seeker}     the mean microseconds of 2,000 searches without HTTP, now
 *   /postgres/{seeker}   the answer out of PostgreSQL, one connection a worker
 *   /redis/{seeker}      the answer out of cells asked from Redis
 *
 * Any key that is well-formed is taken, after it was hashed as the daemon does.
 * Prints "ready" when it listens; ends with SIGTERM.
 */
#include "tests/bench/peer_server.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/event.h>
#include <signal.h>

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/catalog/catalog.h"
#include "daemon/codec/match_answer.h"
#include "daemon/codec/path_ids.h"
#include "daemon/config/config.h"
#include "daemon/http/http.h"
#include "daemon/vault/vault.h"
#include "tests/bench/postgres_peer.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { CITY = 4101, SEED = 2007, WORKERS_MAX = 8, SEARCHES = 2000 };

static struct market market;

static bool find_seeker(struct flow *f, struct seeker *out)
{
	uint64_t id;

	return codec_seeker_id(flow_request(f)->params[0], &id) &&
	       index_seeker(flow_app(f)->index, id, out);
}

static enum next reply_best(struct flow *f, const struct seeker *who, struct peer_best *best)
{
	const struct app *app = flow_app(f);
	const struct match_head head = { CITY, PEER_K, app->terms.today, 1, 0, true,
		app->policy.version, .words = app->words };
	struct match_post items[PEER_K];
	struct buf *page = flow_page(f);

	for (size_t i = 0; i < best->n; i++)
		items[i] = (struct match_post){ &best->found[i], i + 1, best->vacancies[i],
			"小区门卫", "郑州样板物业服务有限公司", "1200–1500元/月" };
	codec_write_posts(page, &head, who, items, best->n);
	return flow_reply_as(f, 200, "application/json", page->data, page->len);
}

static enum next say_body(struct flow *f, void *state)
{
	(void)state;
	return flow_reply_as(f, 200, "application/json", flow_app(f)->body,
	    flow_app(f)->body_len);
}

static enum next search_index(struct flow *f, void *state)
{
	const struct app *app = flow_app(f);
	struct peer_best best;
	struct seeker who;

	(void)state;
	if (!find_seeker(f, &who))
		return flow_reply(f, 404, "{}");
	best.n = best_vacancies(app->index, &app->terms, &who, best.found, PEER_K);
	for (size_t i = 0; i < best.n; i++)
		(void)index_vacancy(app->index, best.found[i].id, &best.vacancies[i]);
	return reply_best(f, &who, &best);
}

static enum next time_engine(struct flow *f, void *state)
{
	const struct app *app = flow_app(f);
	static uint64_t random = SEED;
	struct match found[PEER_K];
	double began = wall_us();

	(void)state;
	for (int i = 0; i < SEARCHES; i++)
		(void)best_vacancies(app->index, &app->terms,
		    &market.seekers[market_random(&random, (uint32_t)market.n_seekers)], found,
		    PEER_K);
	return flow_reply(f, 200,
	    arena_printf(flow_arena(f), "{\"us\": %.3f}", (wall_us() - began) / SEARCHES));
}

/* The worker waits: PostgreSQL has a connection, and another worker is asked meanwhile. */
static enum next ask_postgres(struct flow *f, void *state)
{
	const struct app *app = flow_app(f);
	struct peer_best best;
	struct seeker who;

	(void)state;
	if (!find_seeker(f, &who))
		return flow_reply(f, 404, "{}");
	best.n = app->postgres.best(app->postgres.self, &who, NULL, best.found, PEER_K);
	for (size_t i = 0; i < best.n; i++) {
		struct match *m = &best.found[i];

		(void)index_vacancy(app->index, m->id, &best.vacancies[i]);
		m->score = score_pair(&app->terms, &who, &best.vacancies[i]);
	}
	return reply_best(f, &who, &best);
}

struct asking {
	struct seeker who;
	struct redis_search search;
};

static enum next ask_redis(struct flow *f, void *state)
{
	struct asking *a = state;

	if (!find_seeker(f, &a->who))
		return flow_reply(f, 404, "{}");
	redis_search_begin(&a->search, flow_app(f)->redis, &a->who, flow_arena(f));
	if (a->search.is_over)
		return STEP_NEXT;
	redis_search_go_on(&a->search, flow_resume(f));
	return STEP_WAIT;
}

static enum next ask_more(struct flow *f, void *state)
{
	struct asking *a = state;

	if (a->search.is_over)
		return STEP_NEXT;
	redis_search_go_on(&a->search, flow_resume(f));
	return STEP_WAIT;
}

static enum next reply_redis(struct flow *f, void *state)
{
	struct asking *a = state;

	if (!a->search.is_over)
		return flow_reply(f, 500, "{\"why\": \"not over after so many rounds\"}");
	return reply_best(f, &a->who, &a->search.best);
}

static const struct plan bare = { .name = "bare", .steps = { { "say", say_body } } };
static const struct plan in_index = { .name = "index", .steps = { { "find", search_index } } };
static const struct plan engine = { .name = "engine", .steps = { { "time", time_engine } } };
static const struct plan postgres = { .name = "postgres",
	.steps = { { "ask", ask_postgres } } };
static const struct plan redis = { .name = "redis",
	.state_size = sizeof(struct asking),
	.steps = { { "ask", ask_redis }, { "2", ask_more }, { "3", ask_more },
	    { "4", ask_more }, { "5", ask_more }, { "6", ask_more }, { "7", ask_more },
	    { "reply", reply_redis } } };

static const struct route routes[] = {
	{ METHOD_GET, "/bare/{seeker}", &bare, .roles = ROLE_AGENCY },
	{ METHOD_GET, "/index/{seeker}", &in_index, .roles = ROLE_AGENCY },
	{ METHOD_GET, "/engine/{seeker}", &engine, .roles = ROLE_AGENCY },
	{ METHOD_GET, "/postgres/{seeker}", &postgres, .roles = ROLE_AGENCY },
	{ METHOD_GET, "/redis/{seeker}", &redis, .roles = ROLE_AGENCY },
};

static const struct principal *take_any(void *arg, const char *id, const char *secret)
{
	static struct principal who = { .role = ROLE_AGENCY, .city = CITY, .scope = "4101" };

	(void)arg;
	vault_hash_secret(secret, who.secret_hash);
	snprintf(who.kid, sizeof(who.kid), "%s", id);
	return &who;
}

struct options {
	const char *data, *policy, *address, *body, *postgres, *redis;
	uint32_t size;
	int workers;
};

static void serve(struct app *app, int fd, const struct options *o)
{
	const struct http_config config = { .find_principal = take_any };
	struct flow_engine *flows;
	struct http *http;

	app->base = event_base_new();
	if (o->postgres)
		app->postgres = postgres_side(postgres_peer_open(o->postgres, &app->terms));
	if (o->redis)
		app->redis = redis_peer_open(app, o->redis, &market);
	flows = flow_engine_new(app->base, app, 30000);
	http = http_new(app->base, flows, routes, COUNT(routes), &config);
	if (!http || !http_listen(http, fd, NULL))
		exit(1);
	event_base_dispatch(app->base);
	exit(0);
}

static void start_workers(struct app *app, int fd, const struct options *o)
{
	for (int i = 0; i < o->workers; i++) {
		pid_t pid = fork();

		if (pid < 0)
			exit(1);
		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGTERM);
			serve(app, fd, o);
		}
	}
	printf("ready\n");
	fflush(stdout);
	while (wait(NULL) > 0)
		;
}

static void read_body(struct app *app, const char *path)
{
	static char text[1 << 20];
	FILE *in = fopen(path, "rb");

	if (!in) {
		perror(path);
		exit(1);
	}
	app->body_len = fread(text, 1, sizeof(text), in);
	app->body = text;
	fclose(in);
}

static void take_market(struct app *app, const struct options *o)
{
	const struct catalog *catalog = catalog_read(o->data, CITY);

	if (!catalog || !policy_read(o->policy, &app->policy) ||
	    !market_make(&market, o->data, SEED, o->size, o->size))
		exit(1);
	app->terms = (struct terms){ .policy = &app->policy,
		.near = catalog_adjacency(catalog),
		.today = day_of(2007, 7, 12) };
	app->words = catalog_skill_words(catalog);
	app->index = index_new();
	for (size_t i = 0; i < o->size; i++) {
		(void)index_put_vacancy(app->index, &market.vacancies[i]);
		(void)index_put_seeker(app->index, &market.seekers[i]);
	}
}

static bool read_options(int argc, char **argv, struct options *o)
{
	const char *size = "0", *workers = "1";
	const struct {
		const char *name, **to;
	} words[] = { { "data", &o->data }, { "policy", &o->policy }, { "listen", &o->address },
		{ "body", &o->body }, { "postgres", &o->postgres }, { "redis", &o->redis },
		{ "size", &size }, { "workers", &workers } };
	struct option table[COUNT(words) + 1] = { 0 };
	int c;

	for (size_t i = 0; i < COUNT(words); i++)
		table[i] = (struct option){ words[i].name, required_argument, NULL, (int)i };
	while ((c = getopt_long(argc, argv, "", table, NULL)) != -1) {
		if (c == '?')
			return false;
		*words[c].to = optarg;
	}
	o->size = (uint32_t)strtoul(size, NULL, 10);
	o->workers = (int)strtol(workers, NULL, 10);
	return o->data && o->policy && o->size && o->address && o->body && o->workers > 0 &&
	       o->workers <= WORKERS_MAX;
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	struct app app = { 0 };
	int fd;

	if (!read_options(argc, argv, &o)) {
		fprintf(stderr, "bench_server: see the head of peer_server.c\n");
		return 2;
	}
	read_body(&app, o.body);
	take_market(&app, &o);
	if (o.redis)
		redis_peer_fill(o.redis, &market);
	fd = http_bind(o.address, 0660);
	if (fd < 0) {
		perror(o.address);
		return 1;
	}
	start_workers(&app, fd, &o);
	return 0;
}
