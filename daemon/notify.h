/*
 * What systemd is told of the daemon (sd_notify(3)); nothing where it does not ask.
 */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

void notify_ready(void);
void notify_reloading(void);
void notify_stopping(void);
/* We are alive: to be said more often than WatchdogSec=. */
void notify_alive(void);

#endif
