/*
 * How far each worker knows the list of keys and officers.
 */
#ifndef DAEMON_LEDGER_KEY_NEWS_H
#define DAEMON_LEDGER_KEY_NEWS_H

#include <stdbool.h>
#include <stdint.h>

/* Before fork: of so many processes.  Until then there is one. */
void key_news_share(int processes);

/* The loop of that process turns. */
void key_news_alive(int process);
/* It has the list as it stood at that time (clock_ms) or later. */
void key_news_known(int process, int64_t since_ms);
/* Whether all that are alive have it as of a later time. */
bool key_news_known_by_all(int64_t since_ms);

#endif
