/*
 * What the files of this folder share.  Nobody outside daemon/admin includes it.
 */
#ifndef DAEMON_ADMIN_ADMIN_PLANS_H
#define DAEMON_ADMIN_ADMIN_PLANS_H

#include "daemon/admin/admin.h"
#include "daemon/flow/flow.h"
#include "daemon/ledger/ledger.h"

struct ask;

extern const struct plan get_livez, get_readyz, get_metrics;
extern const struct plan get_keys, post_key, post_key_revocation, post_key_rotation;
extern const struct plan post_first_officer, post_officer_code;
extern const struct plan get_clock, post_clock;
extern const struct plan post_board_rebuild, post_board_verification;

struct admin *flow_admin(struct flow *f);
/* As ask_ledger, in the operator's name. */
enum next admin_ledger(struct flow *f, struct ask *ask, enum ledger_op op);
/* The ledger's answer with one more member before its others: a secret, shown once. */
enum next admin_show_once(struct flow *f, const struct reply *r, const char *name,
    const char *secret);
/* Answers with what is in `b`, and frees it. */
enum next admin_reply(struct flow *f, int status, const char *content_type, struct buf *b);

#endif
