/*
 * What /metrics says of the city and of the way from the ledger to the board: gathered from
 * time to time by the one worker that serves the operator, so that it is said once.
 */
#ifndef DAEMON_ADMIN_FIGURES_H
#define DAEMON_ADMIN_FIGURES_H

struct buf;
struct event_base;
struct figures;
struct ledger;
struct outbox;

struct figures *figures_new(struct event_base *base, struct ledger *l, struct outbox *o,
    int city);
/* Before outbox_free and ledger_free: what is under way ends with them, in silence. */
void figures_free(struct figures *f);

/* Those that are known.  While PostgreSQL is away, or has long not answered, there are none:
 * they are left out, never 0. */
void figures_write(const struct figures *f, struct buf *b);

#endif
