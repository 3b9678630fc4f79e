/*
 * An import under way: what imports.c opens and closes, and import_answer.c answers.
 */
#ifndef DAEMON_API_IMPORT_H
#define DAEMON_API_IMPORT_H

#include <stdbool.h>

#include "daemon/api/ask.h"
#include "daemon/api/import_intake.h"
#include "daemon/api/import_kinds.h"

struct import {
	struct ask ask; /* to open and to close it */
	struct import_kind kind;
	enum sheet_kind form;
	const char *format; /* the same as it is named in answers */
	char charset[32];   /* as it is labelled; "" */
	bool is_trial;      /* nothing of it is kept */
	int place;          /* among those under way; 0: none */
	const char *file;   /* of its receipts */
	struct intake in;
};

/* How this run of it ended: "complete", "stopped" by a limit, "cut", or "refused": none of it
 * could be read. */
const char *import_end(const struct flow *f, const struct import *i);

/* Records that have a receipt, as the ledger counts them in its last answer. */
size_t import_told_records(const struct import *i);

/* When the ledger has closed it: its receipts, and the totals behind them. */
enum next import_answer(struct flow *f, struct import *i);
/* A step that is taken again: all of it had been taken before, and its receipts are open. */
enum next import_answer_found(struct flow *f, struct import *i);

#endif
