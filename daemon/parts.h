/*
 * What the parent reads before it forks, and every worker then shares without
 * writing to it: settings, code tables, policy, vault, certificate.
 */
#ifndef DAEMON_PARTS_H
#define DAEMON_PARTS_H

#include "daemon/config/config.h"

struct catalog;
struct permissions;
struct route;
struct tls;
struct vault;

struct parts {
	struct config *config;
	struct catalog *catalog;
	struct permissions *permissions;
	struct route *routes; /* of the API, opened by that table */
	struct policy policy;
	struct vault *vault;
	struct tls *tls;      /* NULL: not spoken */
	char *board_password; /* NULL: none is asked for */
};

/* In this order; false: the reasons went to stderr, and *p is empty. */
MUST_CHECK bool parts_read(struct parts *p, const char *config_path);
/* What is wrong with them today, though they can be used; NULL: nothing. */
const char *parts_days_fault(const struct parts *p);
/* Once more, for workers to come, unless that is wrong or takes a restart; false: it was logged
 * why, and all stays as it is. */
MUST_CHECK bool parts_read_again(struct parts *p, const char *config_path);
void parts_release(struct parts *p);

#endif
