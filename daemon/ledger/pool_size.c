/*
 * A pool's size: what is configured, and the defaults of a configuration that leaves it out.
 *
 * It knows no connection and no call.  Requests have what is configured, the other roles a few.
 */
#include "daemon/ledger/pool_size.h"

#define CONNECTIONS        8
#define APPLIERS           3 /* outbox, a job of the timetable, figures */
#define ADMINS             1
#define QUEUE_LIMIT        256
#define CONNECT_TIMEOUT_MS 1000
#define CALL_TIMEOUT_MS    2000
#define REPORTS            2

static int or_default(int value, int otherwise)
{
	return value > 0 ? value : otherwise;
}

static int connections_of(const struct ledger_config *config, enum ledger_role role)
{
	if (role == LEDGER_APPLIER)
		return APPLIERS;
	if (role == LEDGER_ADMIN)
		return ADMINS;
	return or_default(config->connections, CONNECTIONS);
}

/* One connection at least is left to the others; of one alone nothing can be kept apart. */
static int reports_of(const struct ledger_config *config, enum ledger_role role,
    int connections)
{
	int reports = role == LEDGER_REQUEST ? or_default(config->reports, REPORTS) : 1;

	return reports < connections ? reports : connections > 1 ? connections - 1 : 1;
}

struct pool_size pool_size_of(const struct ledger_config *config, enum ledger_role role)
{
	const int n = connections_of(config, role);

	return (struct pool_size){
		.connections = (size_t)n,
		.reports = (size_t)reports_of(config, role, n),
		.of_an_owner = (size_t)(n * config->share_percent + 99) / 100,
		.queue = (size_t)or_default(config->queue_limit, QUEUE_LIMIT),
		.connect_timeout_ms =
		    or_default(config->connect_timeout_ms, CONNECT_TIMEOUT_MS),
		.call_timeout_ms = or_default(config->call_timeout_ms, CALL_TIMEOUT_MS),
	};
}
