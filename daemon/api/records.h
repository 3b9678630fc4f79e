/*
 * Records that this process's mirror lacks, out of the ledger.
 */
#ifndef DAEMON_API_RECORDS_H
#define DAEMON_API_RECORDS_H

#include <stdint.h>

#include "daemon/flow/flow.h"

struct ask;

/*
 * Asks for the record of a seeker, of a vacancy, or of both; an id of 0: for none.  Taken
 * back by ask_apply() they are in the mirror; what is not there, or out of the caller's
 * scope, is refused as missing.
 */
enum next ask_records(struct flow *f, struct ask *ask, uint64_t seeker, uint64_t vacancy);

#endif
