/*
 * What each organisation and each key has used of the daemon, in memory that its workers share.
 *
 * An account is an instant: until then what was used is being paid off, at the rate of the
 * terms.  Work that has been done is noted as it ends, and charged when the next asks.
 */
#ifndef DAEMON_BASE_ACCOUNTS_H
#define DAEMON_BASE_ACCOUNTS_H

#include <stdbool.h>
#include <stdint.h>

/* Apart, so that whoever runs reports stops reports, and nobody's work with them.  Turns: of
 * the processor of a worker; who has had many goes after others.  Handshakes: of an address,
 * before anybody says of which organisation they are. */
enum account_kind { FOR_REQUESTS, FOR_REPORTS, FOR_TURNS, FOR_HANDSHAKES, ACCOUNT_KINDS };

struct account_terms {
	int64_t each_us;   /* what one request costs */
	int64_t times, of; /* an hour of work costs times / of hours; 0: work costs nothing */
	int64_t most_us;   /* so much may be owed */
};

/* Before fork; until then there is one process. */
void accounts_share(void);

/* A number for an organisation, or for one key of it; NULL: 0, nobody. */
uint64_t account_number(const char *organisation);

/* So long a processor or a connection worked for it.  Of nobody's is no account. */
void account_note(uint64_t organisation, enum account_kind kind, int64_t work_us);

/* Whether one more would be taken; what was noted is charged, the one is not. */
bool account_look(uint64_t organisation, enum account_kind kind, const struct account_terms *t,
    int64_t now_us, int64_t *owed_us);

/* One more; false: it would owe more than it may, and is not charged.  *owed_us: what is owed
 * then, which may be more than the terms' most by what work has cost. */
bool account_take(uint64_t organisation, enum account_kind kind, const struct account_terms *t,
    int64_t now_us, int64_t *owed_us);

#endif
