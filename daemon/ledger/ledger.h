/*
 * The ledger: what happened, kept in PostgreSQL; the truth.
 *
 * One write is one SQL function call, one transaction, one round trip.  The
 * functions live in config/schema; this folder calls them and knows no rule of
 * the trade.  Statements, connections and SQLSTATEs appear nowhere else.
 *
 * Every call below copies its input before it returns and completes its `done`
 * exactly once: OK (the ledger has answered, which may be a refusal: see
 * reply.status), E_BUSY (queue full, nothing sent), E_UNAVAILABLE or E_TIMEOUT
 * (unknown: asking again with the same Idempotency-Key is safe), E_INTERNAL.
 * `out` must stay until then; what it points to lives in `arena`.
 */
#ifndef DAEMON_LEDGER_LEDGER_H
#define DAEMON_LEDGER_LEDGER_H

#include "daemon/base/change.h"
#include "daemon/base/status.h"
#include "daemon/flow/request.h"

struct arena;
struct event_base;
struct ledger;

/* A zero takes the default. */
struct ledger_config {
	const char *hosts; /* conninfo strings separated by "|"; tried in turn by us */
	int connections;   /* 8 */
	int queue_limit;   /* 256 waiting calls */
	/* 1000, 2000.  The server gives a statement up at 3/4 of the call's time, a lock at
	 * 1/4. */
	int connect_timeout_ms, call_timeout_ms;
	int city; /* whose clock and keys are followed */
	void (*hash_secret)(const char *secret, uint8_t out[32]); /* the vault's */
};

struct ledger *ledger_new(struct event_base *base, const struct ledger_config *c);
/* Outstanding calls complete with E_UNAVAILABLE first.  Never called from a `done`. */
void ledger_free(struct ledger *l);
bool ledger_is_up(const struct ledger *l);    /* somebody to talk to, now */
bool ledger_is_ready(const struct ledger *l); /* keys and clock have been read once */
size_t ledger_waiting(const struct ledger *l);

/* Whose call, and which. */
struct caller {
	int city;
	const char *kid;
	const uint8_t *secret_hash;  /* 32 bytes */
	const char *actor;           /* or "" */
	const char *idempotency_key; /* NULL for reads and PUT */
	const uint8_t *request_hash; /* 32 bytes; NULL with a NULL key */
};

/* A sealed field that a read returned: opened by the vault, by whoever may see it. */
struct sealed_field {
	const char *column; /* "name" */
	uint64_t row;
	struct blob bytes;
};

#define REPLY_MAX_SEALED 8

struct reply {
	int status;       /* 200, 201, or the status of a refusal */
	const char *code; /* "ok", or the slug of the problem */
	const char *body; /* JSON: the answer, or a refusal's further members without braces */
	bool replayed;    /* the stored answer of an earlier call */
	const char *position; /* consistency token: "<xid>.<outbox id>", or "" */
	struct change *changes;
	size_t n_changes;
	struct sealed_field sealed[REPLY_MAX_SEALED];
	size_t n_sealed;
};

/* One operation = one SQL function of schema `api`. */
enum ledger_op {
	LEDGER_PUT_EMPLOYER,         /* code, body */
	LEDGER_READ_EMPLOYER,        /* code */
	LEDGER_FILE_RETURN,          /* employer, district, quarter, body, hash, contact, phone,
					if_match, validate */
	LEDGER_READ_RETURN,          /* employer, district, quarter, version */
	LEDGER_READ_VACANCY,         /* id */
	LEDGER_REGISTER_SEEKER,      /* id, blind, citizen, name, phone, address, body */
	LEDGER_READ_SEEKER,          /* id */
	LEDGER_REGISTER_HOUSEHOLD,   /* body */
	LEDGER_READ_HOUSEHOLD,       /* id */
	LEDGER_APPROVE_POSTS,        /* body: public-welfare slots */
	LEDGER_REPORT_PLACEMENT,     /* body */
	LEDGER_CONFIRM_PLACEMENT,    /* id */
	LEDGER_REGISTER_PLACEMENT,   /* id, body */
	LEDGER_VOID_PLACEMENT,       /* id, body */
	LEDGER_READ_PLACEMENT,       /* id */
	LEDGER_READ_PROGRESS,        /* year, as_of or NULL, unit or NULL */
	LEDGER_READ_PERSON_PROGRESS, /* id, year, as_of or NULL */
	LEDGER_CREATE_KEY,           /* body; admin socket only */
	LEDGER_REVOKE_KEY,           /* kid */
	LEDGER_LIST_KEYS,
	LEDGER_OPS
};

/* Parameters after the caller's, in the function's order; text or bytes, NULL is SQL NULL. */
enum { LEDGER_MAX_ARGS = 10 };
struct ledger_arg {
	const void *data;
	size_t len;
	bool binary; /* a bytea; else NUL-terminated text */
};
#define ARG_TEXT(s)     ((struct ledger_arg){ .data = (s) })
#define ARG_BYTES(p, n) ((struct ledger_arg){ .data = (p), .len = (n), .binary = true })

void ledger_call(struct ledger *l, enum ledger_op op, const struct caller *who,
    const struct ledger_arg *args, size_t n_args, struct arena *arena, struct reply *out,
    struct done done);

/*
 * The key cache: every valid key, loaded at start and followed within a second.
 * `id` and `secret` are the parts of "vd_<id>_<secret>".  NULL: unknown, wrong,
 * expired or revoked; the time it takes does not tell which.  What is returned is
 * valid until the loop turns: the list is replaced when a key comes or goes.
 */
const struct principal *ledger_find_principal(struct ledger *l, const char *id,
    const char *secret);

/* The ledger's clock, app_now(): business day and instant, from the last heartbeat. */
bool ledger_clock(const struct ledger *l, int *day_2000, int64_t *unix_seconds, bool *fixed);

/* Milliseconds by which the snapshot horizon lags, and the pid that holds it; 0, 0 when fine.
 */
void ledger_horizon(const struct ledger *l, int64_t *age_ms, int *pid);

/* Called in the loop when a commit of this daemon wrote to the outbox. */
void ledger_on_commit(struct ledger *l, void (*fn)(void *arg), void *arg);

/*
 * The outbox, read below the snapshot horizon in commit-safe order (xid, id).
 * Rows are given to `each` in order; `last_*` is where to go on.
 */
struct outbox_row {
	uint64_t xid, id;
	int city;
	struct change change;
};
struct outbox_batch {
	size_t n;
	struct outbox_row *rows;
};
void ledger_read_outbox(struct ledger *l, int city, uint64_t after_xid, uint64_t after_id,
    int limit, struct arena *arena, struct outbox_batch *out, struct done done);

/* Everything of a city, for rebuild and verify, in pages by id: entity 'v' or 's', id > after.
 * `xid`, `id`: the horizon read before the first page, where the outbox goes on. */
void ledger_read_horizon(struct ledger *l, int city, uint64_t *xid, uint64_t *id,
    struct done done);
void ledger_read_records(struct ledger *l, int city, char entity, uint64_t after, int limit,
    struct arena *arena, struct outbox_batch *out, struct done done);

/* Re-ranks whoever's class ends on or before the ledger's day, and closes what has expired;
 * *n is how many.  As many as the limit: there may be more, call again. */
enum { LEDGER_TURN_LIMIT = 500 };
void ledger_turn_day(struct ledger *l, int city, int *n, struct done done);

/* Blocking, before the loop: migrations under an advisory lock, with checksums. */
struct ledger_migration {
	const char *hosts, *schema_dir;
	bool plan_only; /* print what would run, change nothing */
	/* The city, and where its code tables are; no data_dir: migrations only. */
	const char *data_dir;
	int city, plan_year;
	bool sandbox;
	const char *fixed_clock; /* "2007-07-12 10:00+08", or NULL; sandbox only */
	const char *daemon_role; /* is granted what a daemon needs; NULL: nobody is */
};
/* Prints to stdout; false (with a reason on stderr) when a checksum differs, a level is
 * unknown, or a statement fails. */
MUST_CHECK bool ledger_migrate(const struct ledger_migration *m);

#endif
