/*
 * The list of servers: conninfo strings separated by '|', and as whom we connect to each.
 *
 * It is rotated by us, because PQconnectPoll ignores connect_timeout and never
 * leaves a first host that hangs.
 */
#ifndef DAEMON_LEDGER_HOSTS_H
#define DAEMON_LEDGER_HOSTS_H

#include <stdbool.h>
#include <stddef.h>

struct host {
	char *conninfo;
	char *label; /* "host:port" for the log; never a password */
	bool has_password;
};

struct hosts {
	struct host *list;
	size_t n;
	size_t current; /* where the next attempt goes */
};

/* At least one: an empty list is the server that libpq finds by itself.  `as`: a conninfo
 * string whose words win over those of each; NULL: none. */
void hosts_init(struct hosts *h, const char *text, const char *as);
void hosts_release(struct hosts *h);
/* `failed` did not take us: if it is still the current one, the next becomes so. */
void hosts_pass_over(struct hosts *h, const struct host *failed);

#endif
