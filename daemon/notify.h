/*
 * What systemd is told of the daemon (sd_notify(3)); nothing where it does not ask.
 */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

#include <stdbool.h>

#include "daemon/base/status.h"

/* False: to be said again, systemd could not take it. */
MUST_CHECK bool notify_ready(void);
void notify_reloading(void);
void notify_stopping(void);
/* We are alive: as often as one likes, told once a second. */
void notify_alive(void);

#endif
