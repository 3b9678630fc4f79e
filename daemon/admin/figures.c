/*
 * The city's figures: when they are gathered, until when they are believed, their names.
 *
 * It refuses to know how a figure is counted.  They are gathered once a minute, by a call that
 * goes as the lists do, within their share of the connections; if it takes long, so much more
 * seldom that it is under way a twentieth of the time at most.
 */
#include "daemon/admin/figures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/base/clock.h"
#include "daemon/base/count.h"
#include "daemon/base/oom.h"
#include "daemon/ledger/ledger.h"
#include "daemon/metrics/metrics.h"
#include "daemon/outbox/outbox.h"

enum {
	LOOK_MS = 1000,
	LAG_EVERY_MS = 5000,
	CITY_EVERY_MS = 60000,
	RETRY_MS = 5000,
	SHARE = 20,  /* of the time, one part */
	BELIEVED = 3 /* times missed, and what was gathered is no longer shown */
};

/* By the names that ops.city_figures has for them. */
static const struct {
	const char *name, *metric, *help, *label;
} known[] = {
	{ "vacancies", "open_vacancies", "Vacancies that are open.", NULL },
	{ "posts", "open_posts", "Posts of open vacancies that are not taken.", NULL },
	{ "waiting", "waiting_seekers", "Registered seekers who look for work, by rank.",
	    "rank" },
	{ "placements", "placements", "Placements on record, by state.", "state" },
	{ "returns", "returns",
	    "Returns of the quarter that is due, by state; a missing one is past its day.",
	    "state" },
	{ "achieved", "target_achieved", "The year's figure of a target, of the whole city.",
	    "target" },
	{ "goal", "target_goal", "What the target asks of the whole city in the year.",
	    "target" },
};

/* One call that is made again and again. */
struct gathering {
	int64_t begun_ms, due_ms, good_until_ms;
	bool is_out;
};

struct figures {
	struct ledger *ledger;
	struct outbox *outbox;
	int city;
	struct event *timer;
	struct gathering lag, town;
	int n_behind;
	struct arena *arena;          /* of the figures under way */
	struct ledger_figures coming; /* in it */
	struct buf text;              /* the last that came, written */
	int64_t at_ms;                /* when, since 1970 */
	bool closing;
};

static void look_in(struct figures *f)
{
	struct timeval tv = clock_span(LOOK_MS);

	evtimer_add(f->timer, &tv);
}

static void end(struct figures *f)
{
	event_free(f->timer);
	arena_free(f->arena);
	buf_free(&f->text);
	free(f);
}

/* False: nobody waits for it any more, and *f is gone. */
static bool came_back(struct figures *f, struct gathering *g, enum status st, int64_t every_ms)
{
	int64_t now = clock_ms(), took = now - g->begun_ms;
	int64_t wait = st == OK ? every_ms : RETRY_MS;

	g->is_out = false;
	if (f->closing) {
		if (!f->lag.is_out && !f->town.is_out)
			end(f);
		return false;
	}
	if (took * SHARE > wait)
		wait = took * SHARE;
	g->due_ms = now + wait;
	if (st == OK)
		g->good_until_ms = now + BELIEVED * wait;
	return true;
}

static void on_lag(void *arg, enum status st)
{
	struct figures *f = arg;

	(void)came_back(f, &f->lag, st, LAG_EVERY_MS);
}

static void write_figures(struct figures *f, size_t k)
{
	char label[64];
	bool has_head = false;

	for (size_t i = 0; i < f->coming.n; i++) {
		const struct ledger_figure *one = &f->coming.at[i];

		if (strcmp(one->name, known[k].name) != 0)
			continue;
		if (!has_head)
			metrics_put_head(&f->text, known[k].metric, known[k].help, "gauge");
		has_head = true;
		snprintf(label, sizeof(label), "%s=\"%s\"",
		    known[k].label ? known[k].label : "", one->label);
		metrics_put_line(&f->text, known[k].metric, known[k].label ? label : NULL,
		    one->value, 0);
	}
}

static void on_town(void *arg, enum status st)
{
	struct figures *f = arg;
	struct timespec now = { 0 };

	if (!came_back(f, &f->town, st, CITY_EVERY_MS) || st != OK)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	f->at_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
	buf_clear(&f->text);
	for (size_t k = 0; k < COUNT(known); k++)
		write_figures(f, k);
}

static void begin(struct gathering *g, int64_t now)
{
	g->begun_ms = now;
	g->is_out = true;
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct figures *f = arg;
	int64_t now = clock_ms();
	uint64_t xid, id;

	(void)fd;
	(void)what;
	look_in(f);
	if (!ledger_role_is_up(f->ledger, LEDGER_APPLIER))
		return;
	if (!f->lag.is_out && f->lag.due_ms <= now && outbox_position(f->outbox, &xid, &id)) {
		begin(&f->lag, now);
		ledger_read_lag(f->ledger, f->city, xid, id, &f->n_behind,
		    (struct done){ on_lag, f });
	}
	if (f->town.is_out || f->town.due_ms > now)
		return;
	begin(&f->town, now);
	arena_free(f->arena);
	f->arena = arena_new();
	ledger_read_figures(f->ledger, f->city, f->arena, &f->coming,
	    (struct done){ on_town, f });
}

struct figures *figures_new(struct event_base *base, struct ledger *l, struct outbox *o,
    int city)
{
	struct figures *f = must_alloc(sizeof(*f));

	f->ledger = l;
	f->outbox = o;
	f->city = city;
	f->timer = evtimer_new(base, on_timer, f);
	if (!f->timer)
		abort();
	look_in(f);
	return f;
}

void figures_free(struct figures *f)
{
	if (!f)
		return;
	event_del(f->timer);
	f->closing = true;
	if (!f->lag.is_out && !f->town.is_out)
		end(f);
}

/* What a transaction that does not end holds back, the applier does not see. */
static void write_lag(const struct figures *f, struct buf *b, bool is_counted)
{
	int64_t behind_ms, held_ms = 0;
	int pid;

	if (is_counted && f->n_behind)
		ledger_horizon(f->ledger, &held_ms, &pid);
	if (outbox_behind(f->outbox, &behind_ms)) {
		metrics_put_head(b, "outbox_lag_seconds",
		    "Since the board last had all that the ledger had.", "gauge");
		metrics_put_line(b, "outbox_lag_seconds", NULL,
		    held_ms > behind_ms ? held_ms : behind_ms, 3);
	}
	if (is_counted) {
		metrics_put_head(b, "outbox_lag_entries",
		    "Changes in the ledger that the board lacks.", "gauge");
		metrics_put_line(b, "outbox_lag_entries", NULL, f->n_behind, 0);
	}
}

void figures_write(const struct figures *f, struct buf *b)
{
	int64_t now = clock_ms();
	bool is_up = ledger_role_is_up(f->ledger, LEDGER_APPLIER);

	write_lag(f, b, is_up && now < f->lag.good_until_ms);
	if (!is_up || now >= f->town.good_until_ms)
		return;
	buf_puts(b, f->text.data);
	metrics_put_head(b, "city_figures_timestamp_seconds",
	    "When the figures of the city were counted, since 1970.", "gauge");
	metrics_put_line(b, "city_figures_timestamp_seconds", NULL, f->at_ms, 3);
}
