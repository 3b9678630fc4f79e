/*
 * Which of the settings each part of a worker is made with; they point into the settings.
 */
#ifndef DAEMON_WORKER_SETTINGS_H
#define DAEMON_WORKER_SETTINGS_H

#include <stdbool.h>

#include "daemon/api/app.h"
#include "daemon/board/board.h"
#include "daemon/http/http.h"
#include "daemon/ledger/ledger.h"

struct config;
struct parts;
struct worker_place;

/* A worker of another slot than the first has no connections of the operator's roles. */
struct ledger_config settings_of_ledger(const struct parts *p, const struct worker_place *place,
    bool keeps_keys);
struct board_config settings_of_board(const struct parts *p);
/* Limits alone: who may come, and how, the server itself is told. */
struct http_config settings_of_http(const struct config *c);
struct import_limits settings_of_imports(const struct config *c);

#endif
