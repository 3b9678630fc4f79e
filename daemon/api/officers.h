/*
 * What the operator's socket needs of officers' codes (rules/own-secret).
 */
#ifndef DAEMON_API_OFFICERS_H
#define DAEMON_API_OFFICERS_H

#include <stdint.h>

#include "daemon/vault/vault.h"

struct arena;

/* What the ledger keeps of a code: the hash of the body that will bring it. */
void officer_hash_code(struct arena *a, const char *code, uint8_t out[static SECRET_LEN]);

#endif
