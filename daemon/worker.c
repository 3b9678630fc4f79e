/*
 * A worker: builds the parts of one process on one event loop, and takes them
 * down in the order that lets every request end.
 *
 * It knows who needs whom and no request; a worker that is to follow another
 * one is built beside it.  Taking down is not the reverse of
 * building.  Connections go first and abandon their requests; the ledger then
 * completes what is outstanding, which may still touch the mirror; only then
 * are the flow engines empty.
 */
#include "daemon/worker.h"

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include <event2/event.h>

#include "daemon/admin/admin.h"
#include "daemon/admin/figures.h"
#include "daemon/api/app.h"
#include "daemon/api/public_texts.h"
#include "daemon/base/clock.h"
#include "daemon/base/oom.h"
#include "daemon/board/board.h"
#include "daemon/http/tls.h"
#include "daemon/kept_keys.h"
#include "daemon/ledger/ledger.h"
#include "daemon/log/log.h"
#include "daemon/metrics/metrics.h"
#include "daemon/mirror/mirror.h"
#include "daemon/outbox/outbox.h"
#include "daemon/parts.h"
#include "daemon/serving.h"
#include "daemon/signs.h"
#include "daemon/timetable/timetable.h"
#include "daemon/worker_settings.h"

#define MEASURE_S         5 /* between two measurements of the process */
#define BEAT_MS           250
#define BEAT_SOON_MS      10   /* until it serves */
#define PROBE_CONNECTIONS 64   /* of all that look how we are */
#define LEDGER_WAIT_MS    1000 /* until then the ledger itself may tell its keys */

/* config/openapi.yaml, put in by the build, as it stands and as JSON. */
extern const unsigned char openapi_yaml[], openapi_json[];

struct worker {
	const struct parts *parts;
	const struct worker_place *place;
	struct serving serving; /* and its servers */
	struct kept_keys kept;
	int status; /* to end with */
	struct event_base *base;
	struct event *term, *late, *measure, *beat;
	struct ledger *ledger;
	struct board *board;
	struct mirror *mirror;
	struct outbox *outbox;       /* slot 0 */
	struct timetable *timetable; /* slot 0 */
	struct admin admin;          /* and what the plans of clients see, admin.app */
	struct flow_engine *flows, *admin_flows;
};

static const struct principal *find_principal(void *arg, const char *id, const char *secret)
{
	return ledger_find_principal(arg, id, secret);
}

static const struct principal *find_officer(void *arg, const char *id, const char *secret)
{
	return ledger_find_officer(arg, id, secret);
}

static bool knows_keys(void *arg)
{
	return ledger_knows_keys(arg);
}

static void on_commit(void *arg)
{
	outbox_wake(arg);
}

static bool build_backends(struct worker *w)
{
	const struct config *c = w->parts->config;
	const struct ledger_config ledger =
	    settings_of_ledger(w->parts, w->place, w->kept.is_keeper);
	const struct board_config board = settings_of_board(w->parts);
	char turn[512]; /* a file beside the admin socket, for all workers */

	w->ledger = ledger_new(w->base, &ledger);
	w->kept.ledger = w->ledger;
	w->board = board_new(w->base, &board);
	if (!w->ledger || !w->board)
		return false;
	snprintf(turn, sizeof(turn), "%s.turn", c->admin_socket);
	w->mirror = mirror_new(w->base, w->board, c->city, turn);
	w->serving.ledger = w->ledger;
	w->serving.mirror = w->mirror;
	w->admin.app = (struct app){
		.city = c->city,
		.ledger = w->ledger,
		.mirror = w->mirror,
		.vault = w->parts->vault,
		.catalog = w->parts->catalog,
		.policy = &w->parts->policy,
		.imports = settings_of_imports(c),
		.texts = public_texts_new(),
		.openapi = (const char *)openapi_yaml,
		.openapi_json = (const char *)openapi_json,
	};
	return w->mirror != NULL;
}

static bool build_clients(struct worker *w)
{
	struct http_config c = settings_of_http(w->parts->config);

	c.find_principal = find_principal;
	c.find_officer = find_officer;
	c.knows_keys = knows_keys;
	c.arg = w->ledger;
	c.is_measured = true;
	c.origins = w->parts->config->cors_origins;
	c.proxies = w->parts->config->trusted_proxies;
	c.proxy_header = w->parts->config->proxy_header;
	w->flows = flow_engine_new(w->base, &w->admin.app,
	    (unsigned)w->parts->config->request_deadline_ms);
	w->serving.clients =
	    w->flows ? http_new(w->base, w->flows, w->parts->routes, n_api_routes, &c) : NULL;
	return w->serving.clients != NULL;
}

static bool build_operator(struct worker *w)
{
	struct http_config c = settings_of_http(w->parts->config), probes = c;

	probes.max_connections = PROBE_CONNECTIONS;
	w->outbox = outbox_new(w->base, w->ledger, w->board, w->parts->config->city);
	if (!w->outbox)
		return false;
	ledger_on_commit(w->ledger, on_commit, w->outbox);
	w->timetable = timetable_new(w->base, w->ledger, w->outbox, w->parts->config->city);
	w->admin.certificate_until = w->parts->tls ? tls_valid_until(w->parts->tls) : 0;
	w->admin.board = w->board;
	w->admin.outbox = w->outbox;
	w->admin.figures = figures_new(w->base, w->ledger, w->outbox, w->parts->config->city);
	w->admin_flows = flow_engine_new(w->base, &w->admin.app, ADMIN_DEADLINE_MS);
	w->serving.operator= w->admin_flows
	    ? http_new(w->base, w->admin_flows, admin_routes, n_admin_routes, &c)
	    : NULL;
	w->serving.probes = w->serving.operator? http_new(w->base, w->admin_flows, probe_routes,
						     n_probe_routes, &probes)
					       : NULL;
	return w->serving.probes != NULL;
}

static void on_drained(void *arg, enum status st)
{
	struct worker *w = arg;

	(void)st;
	event_base_loopexit(w->base, NULL);
}

static void on_too_late(evutil_socket_t fd, short what, void *arg)
{
	struct worker *w = arg;
	char alive[24];

	(void)fd;
	(void)what;
	snprintf(alive, sizeof(alive), "%zu", flow_engine_alive(w->flows));
	log_event(LOG_LEVEL_WARN, "worker.drain-cut", "requests", alive, NULL);
	event_base_loopexit(w->base, NULL);
}

static void on_term(evutil_socket_t fd, short what, void *arg)
{
	struct worker *w = arg;
	int ms = w->parts->config->drain_ms;
	struct timeval tv = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000L };

	(void)fd;
	(void)what;
	if (w->serving.is_draining)
		return;
	log_event(LOG_LEVEL_INFO, "worker.draining", NULL);
	/* The operator sees us drain, unless another already answers. */
	w->admin.is_draining = !serving_operator_elsewhere(&w->serving);
	evtimer_add(w->late, &tv);
	serving_drain(&w->serving, !w->admin.is_draining, (struct done){ on_drained, w });
}

/* Whoever is to follow a worker that serves waits for PostgreSQL: the settings may be to blame
 * that it is away. */
static void go_by_kept_keys(struct worker *w)
{
	const struct config *c = w->parts->config;

	if (!w->kept.has_looked && !ledger_is_ready(w->ledger) && *c->state_dir &&
	    c->keys_kept_s && clock_ms() - w->serving.started_ms >= LEDGER_WAIT_MS &&
	    !(w->place->follows && serving_clients_elsewhere(&w->serving)))
		kept_keys_restore(&w->kept);
}

static void on_beat(evutil_socket_t fd, short what, void *arg)
{
	struct worker *w = arg;
	struct timeval span;

	(void)fd;
	(void)what;
	signs_beat(w->place->number);
	log_flush();
	metric_add(M_LOG_LOST, (int64_t)log_take_lost());
	go_by_kept_keys(w);
	kept_keys_hand_on(&w->kept);
	if (ledger_is_of_other_kind(w->ledger))
		w->status = WORKER_WRONG_CITY;
	else if (!serving_begin(&w->serving))
		w->status = 1;
	if (w->status) {
		event_base_loopexit(w->base, NULL);
		return;
	}
	span = clock_span(serving_clients(&w->serving) ? BEAT_MS : BEAT_SOON_MS);
	evtimer_add(w->beat, &span);
}

static void on_measure(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	memory_give_back(metrics_measure_process);
}

/* What may wait is taken one at a time, and between two whatever else has come. */
static struct event_base *new_loop(void)
{
	struct event_config *c = event_config_new();
	struct event_base *base = NULL;

	if (c && event_config_set_max_dispatch_interval(c, NULL, 1, HTTP_LATE) == 0)
		base = event_base_new_with_config(c);
	if (base && event_base_priority_init(base, HTTP_PRIORITIES) != 0) {
		event_base_free(base);
		base = NULL;
	}
	if (c)
		event_config_free(c);
	return base;
}

static bool build(struct worker *w)
{
	const struct timeval every = { .tv_sec = MEASURE_S }, at_once = { 0 };

	w->base = new_loop();
	if (!w->base)
		return false;
	w->term = evsignal_new(w->base, SIGTERM, on_term, w);
	w->late = evtimer_new(w->base, on_too_late, w);
	w->measure = event_new(w->base, -1, EV_PERSIST, on_measure, NULL);
	w->beat = evtimer_new(w->base, on_beat, w);
	if (!w->term || !w->late || !w->measure || !w->beat ||
	    evsignal_add(w->term, NULL) != 0 || event_add(w->measure, &every) != 0 ||
	    evtimer_add(w->beat, &at_once) != 0)
		return false;
	memory_give_back(metrics_measure_process);
	if (!build_backends(w))
		return false;
	if (w->place->slot == 0 && !build_operator(w))
		return false;
	return build_clients(w);
}

static void take_down(struct worker *w)
{
	http_free(w->serving.clients);
	http_free(w->serving.operator);
	http_free(w->serving.probes);
	figures_free(w->admin.figures);
	timetable_free(w->timetable);
	outbox_free(w->outbox);
	if (w->ledger)
		ledger_free(w->ledger);
	if (w->mirror)
		mirror_free(w->mirror);
	if (w->board)
		board_free(w->board);
	assert(!w->flows || flow_engine_alive(w->flows) == 0);
	flow_engine_free(w->flows);
	flow_engine_free(w->admin_flows);
	public_texts_free(w->admin.app.texts);
	if (w->beat)
		event_free(w->beat);
	if (w->measure)
		event_free(w->measure);
	if (w->late)
		event_free(w->late);
	if (w->term)
		event_free(w->term);
	if (w->base)
		event_base_free(w->base);
}

int worker_run(const struct parts *p, const struct sockets *s, const struct worker_place *place)
{
	struct worker w = { .parts = p,
		.place = place,
		.serving = { .place = place,
		    .sockets = s,
		    .tls = p->tls,
		    .started_ms = clock_ms() },
		.kept = { .parts = p,
		    .process = place->number,
		    .is_keeper = place->slot == 0 && *p->config->state_dir } };
	enum log_level level = LOG_LEVEL_INFO;
	sigset_t term;
	char name[12];
	bool built;

	snprintf(name, sizeof(name), "%d", place->slot);
	(void)log_level_of(p->config->log_level, &level);
	log_open(level, name);
	metrics_worker(place->number);
	built = build(&w);
	if (built) {
		/* Blocked since before the fork: one that came early arrives now. */
		sigemptyset(&term);
		sigaddset(&term, SIGTERM);
		sigprocmask(SIG_UNBLOCK, &term, NULL);
		log_event(LOG_LEVEL_INFO, "worker.started", NULL);
		event_base_dispatch(w.base);
		log_event(LOG_LEVEL_INFO, "worker.ended", NULL);
	} else {
		log_event(LOG_LEVEL_ERROR, "worker.not-built", NULL);
	}
	take_down(&w);
	return built ? w.status : 1;
}
