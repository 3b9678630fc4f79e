/*
 * The scripts: everything that changes the board, and the reading of its
 * position, each atomic inside Redis.
 */
#ifndef DAEMON_BOARD_SCRIPTS_H
#define DAEMON_BOARD_SCRIPTS_H

#include "daemon/base/status.h"
#include "daemon/board/board.h"

struct arena;
struct redis;

enum script {
	SCRIPT_POSITION, /* -> the position */
	SCRIPT_APPLY,    /* generation, "xid id" expected, "xid id" new, length, seconds,
			    changes */
	SCRIPT_BEGIN,    /* xid, id -> the position of the fresh generation */
	SCRIPT_PENDING,  /* generation -> conflict when it will never be read */
	SCRIPT_SWITCH,   /* generation */
	SCRIPT_SWEEP,    /* own generation -> more, or ok when nothing abandoned is left */
	SCRIPTS
};

/* The arguments of one call, after the nonce; texts and bytes live in the arena. */
struct script_args {
	struct arena *arena;
	const char **v;
	size_t *len;
	size_t n, cap;
};
struct script_args script_args_new(void);
void script_arg(struct script_args *a, const void *p, size_t n); /* copied */
void script_arg_text(struct script_args *a, const char *s);
void script_arg_number(struct script_args *a, uint64_t n);
/* "xid id" */
void script_arg_place(struct script_args *a, uint64_t xid, uint64_t id);

enum script_word { SAID_OK, SAID_MORE, SAID_CONFLICT };

/* `at` is NULL unless st is OK. */
typedef void script_done(void *arg, enum status st, enum script_word word,
    const struct board_position *at);
/* Takes args; NULL: none. */
void script_run(struct redis *c, unsigned blocks_ms, enum script s, int city,
    struct script_args *args, script_done *fn, void *arg);

#endif
