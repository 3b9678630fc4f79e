/*
 * The timetable: what is done to the ledger again and again without anybody's asking, in one
 * table, and when.  It knows the hours, and of the work itself nothing but how much was done.
 */
#ifndef DAEMON_TIMETABLE_TIMETABLE_H
#define DAEMON_TIMETABLE_TIMETABLE_H

struct event_base;
struct ledger;
struct outbox;
struct timetable;

/* Everything is due at once; nothing is begun while the ledger is away. */
struct timetable *timetable_new(struct event_base *base, struct ledger *l, struct outbox *o,
    int city);
/* Before outbox_free and ledger_free: what is under way ends with them, in silence. */
void timetable_free(struct timetable *t);

#endif
