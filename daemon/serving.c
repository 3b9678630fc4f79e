/*
 * When a worker takes connections: when it knows keys and board, as long as somebody else
 * serves; else soon, for a refusal is better than silence.
 *
 * It refuses to know what is asked over them.
 */
#include "daemon/serving.h"

#include <stddef.h>

#include "daemon/base/clock.h"
#include "daemon/http/http.h"
#include "daemon/ledger/ledger.h"
#include "daemon/log/log.h"
#include "daemon/metrics/metrics.h"
#include "daemon/mirror/mirror.h"
#include "daemon/signs.h"
#include "daemon/sockets.h"

#define ALONE_WAIT_MS 3000 /* nobody else serves: by then a refusal is better than silence */

static bool may_serve(const struct serving *s, enum served whom, int64_t alone_wait_ms)
{
	if (ledger_is_ready(s->ledger) && mirror_is_ready(s->mirror))
		return true;
	return !signs_other_serves(s->place->number, whom) &&
	       clock_ms() - s->started_ms >= alone_wait_ms;
}

static bool listen_all(struct http *h, const struct socket_list *l, const struct tls *tls)
{
	for (size_t i = 0; i < l->n; i++)
		if (!http_listen(h, l->fds[i], tls))
			return false;
	return true;
}

static bool serve_clients(struct serving *s)
{
	if (serving_clients(s) || !may_serve(s, SERVED_CLIENTS, ALONE_WAIT_MS))
		return true;
	if (!listen_all(s->clients, &s->sockets->clients, NULL) ||
	    !listen_all(s->clients, &s->sockets->secure, s->tls))
		return false;
	metrics_show();
	signs_serve(s->place->number, SERVED_CLIENTS, true);
	log_event(LOG_LEVEL_INFO, "worker.serving", NULL);
	return true;
}

static bool serve_operator(struct serving *s)
{
	if (!s->operator|| signs_serves(s->place->number, SERVED_OPERATOR) ||
	    !may_serve(s, SERVED_OPERATOR, 0))
		return true;
	if (!http_listen(s->operator, s->sockets->admin, NULL) ||
	    !listen_all(s->probes, &s->sockets->probes, NULL))
		return false;
	signs_serve(s->place->number, SERVED_OPERATOR, true);
	return true;
}

bool serving_begin(struct serving *s)
{
	return s->is_draining || (serve_operator(s) && serve_clients(s));
}

bool serving_clients(const struct serving *s)
{
	return signs_serves(s->place->number, SERVED_CLIENTS);
}

bool serving_clients_elsewhere(const struct serving *s)
{
	return signs_other_serves(s->place->number, SERVED_CLIENTS);
}

bool serving_operator_elsewhere(const struct serving *s)
{
	return signs_other_serves(s->place->number, SERVED_OPERATOR);
}

static void on_drained(void *arg, enum status st)
{
	struct serving *s = arg;

	if (--s->n_draining == 0)
		done_call(s->drained, st);
}

void serving_drain(struct serving *s, bool operator_too, struct done drained)
{
	const struct done one = { on_drained, s };

	s->is_draining = true;
	s->drained = drained;
	s->n_draining = 1;
	signs_serve(s->place->number, SERVED_CLIENTS, false);
	if (s->operator&& operator_too) {
		s->n_draining += 2;
		signs_serve(s->place->number, SERVED_OPERATOR, false);
		http_drain(s->operator, one);
		http_drain(s->probes, one);
	}
	http_drain(s->clients, one);
}
