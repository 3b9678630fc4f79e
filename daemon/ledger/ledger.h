/*
 * The ledger: what happened, kept in PostgreSQL; the truth.
 *
 * One write is one SQL function call, one transaction, one round trip.  The
 * functions live in config/schema; this folder calls them and knows no rule of
 * the trade.  Statements, connections and SQLSTATEs appear nowhere else.
 *
 * Every call below copies its input before it returns and completes its `done`
 * exactly once: OK (the ledger has answered, which may be a refusal: see
 * reply.status), E_BUSY (queue full, nothing sent), E_UNAVAILABLE (nothing done),
 * E_UNKNOWN or E_TIMEOUT (asking again with the same Idempotency-Key is safe), E_INTERNAL.
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

/* As whom a statement goes: the roles of the database (config/schema/functions/privileges.sql)
 * that a daemon has while it runs.  statements.c says whose a statement is. */
enum ledger_role {
	LEDGER_REQUEST, /* whoever serves clients */
	LEDGER_APPLIER, /* outbox, records, timetable */
	LEDGER_ADMIN,   /* the operator's socket */
	LEDGER_ROLES
};

/* A zero takes the default. */
struct ledger_config {
	const char *hosts; /* conninfo strings separated by "|"; tried in turn by us */
	/* What each role adds to every one of them, as "user=vacancyd_request".  Without it a
	 * role has no connections of its own: its statements go with the requests'. */
	const char *as[LEDGER_ROLES];
	int connections; /* 8, of the requests */
	int queue_limit; /* 256 waiting calls */
	int reports;     /* 2 of the connections are for reports, and only for these */
	/* Of as many calls as there are connections, so many may be one organisation's, in a
	 * hundred; 0: all. */
	int share_percent;
	/* So much of each second an organisation's reports may hold a connection, in a hundred,
	 * of all workers, and what it saves up of that at most; 0: no bound. */
	int report_percent, report_saved_ms;
	/* 1000, 2000.  The server gives a statement up at 3/4 of the call's time, a lock at
	 * 1/4. */
	int connect_timeout_ms, call_timeout_ms;
	int city;     /* whose clock and keys are followed */
	bool sandbox; /* what the city must be */
	int process;  /* below what ledger_prepare was told */
	bool keeps_keys;
	void (*hash_secret)(const char *secret, uint8_t out[32]); /* the vault's */
};

/* Once, before the workers are forked: so many at a time. */
void ledger_prepare(int processes);
struct ledger *ledger_new(struct event_base *base, const struct ledger_config *c);
/* Outstanding calls complete with E_UNAVAILABLE first.  Never called from a `done`. */
void ledger_free(struct ledger *l);
bool ledger_is_up(const struct ledger *l); /* somebody to talk to, now */
bool ledger_role_is_up(const struct ledger *l, enum ledger_role role); /* the same, as one */
bool ledger_is_ready(const struct ledger *l); /* keys and clock have been read once */
/* The database's city is a sandbox and ours is none, or the other way round: nothing can be
 * done with it.  Logged. */
bool ledger_is_of_other_kind(const struct ledger *l);
size_t ledger_waiting(const struct ledger *l);

/* Whose call, and which. */
struct caller {
	int city;
	const char *kid;
	const uint8_t *secret_hash; /* 32 bytes */
	const char *organisation;   /* whose account it is on; NULL: nobody's, the operator */
	/* "<officer>.<hash>[.<on whose behalf>] <request id>"; the first part may be empty. The
	 * ledger adds a number of its own for each call, by which a repeated one is known. */
	const char *actor;
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
	const char *next; /* a list's last keys, each with chr(31) before it; "" at its end */
};

/* One operation = one SQL function of schema `api`. */
enum ledger_op {
	LEDGER_PUT_EMPLOYER,  /* code, body, new only */
	LEDGER_READ_EMPLOYER, /* code */
	LEDGER_FILE_RETURN,   /* employer, district, quarter, body, hash, contact, phone,
				 if_match, validate */
	LEDGER_READ_RETURN,   /* employer, district, quarter, version, as_of */
	LEDGER_LIST_RETURNS,  /* employer, district, quarter, nil, late, limit, after (3) */
	LEDGER_LIST_RETURN_VERSIONS, /* employer, district, quarter, limit, before */
	LEDGER_LIST_OBLIGATIONS,  /* employer, district, quarter, state, as_of, limit, after (2)
				   */
	LEDGER_READ_RETURN_LINE,  /* employer, district, quarter, ref */
	LEDGER_AMEND_RETURN_LINE, /* the same, line or NULL, closing or NULL, version */
	LEDGER_OPEN_IMPORT,       /* kind, name, format */
	LEDGER_IMPORT_BATCH, /* kind, name, run or NULL, from, records, last, refused, digest */
	LEDGER_CLOSE_IMPORT, /* name, run, state */
	LEDGER_READ_IMPORT,  /* name */
	LEDGER_TRY_IMPORT,   /* kind */
	LEDGER_READ_RECEIPTS,      /* name */
	LEDGER_READ_VACANCY,       /* id, as_of or NULL */
	LEDGER_SEARCH_VACANCIES,   /* query, sort, limit, key, tie */
	LEDGER_REGISTER_SEEKER,    /* id, blind, citizen, name, phone, address, body */
	LEDGER_READ_SEEKER,        /* id, as_of or NULL */
	LEDGER_AMEND_SEEKER,       /* id, if_match, body, phone, address */
	LEDGER_CHANGE_PERSON,      /* id, what, fact or NULL, body */
	LEDGER_MERGE_SEEKERS,      /* id, "merge" or "unmerge", body */
	LEDGER_FIND_SEEKER,        /* blind */
	LEDGER_READ_IDENTITY,      /* id */
	LEDGER_LIST_DUPLICATES,    /* id, blinds */
	LEDGER_LIST_SEEKERS,       /* state, rank, place, occupation, waiting_before, unoffered,
				      limit, after day, id */
	LEDGER_READ_RECORDS,       /* seeker or NULL, vacancy or NULL; "path/" or "/" */
	LEDGER_READ_WHOLE,         /* "seekers", "households" or a register; ids */
	LEDGER_REGISTER_HOUSEHOLD, /* body */
	LEDGER_READ_HOUSEHOLD,     /* id, as_of or NULL */
	LEDGER_AMEND_HOUSEHOLD,    /* id, if_match, body */
	LEDGER_END_HOUSEHOLD,      /* id, body */
	LEDGER_LIST_HOUSEHOLDS,    /* state, place, limit, after id */
	LEDGER_APPROVE_POSTS,      /* body: public-welfare slots */
	LEDGER_REPORT_PLACEMENT,   /* body */
	LEDGER_CONFIRM_PLACEMENT,  /* id */
	LEDGER_REGISTER_PLACEMENT, /* id, body */
	LEDGER_CHANGE_PLACEMENT,   /* id, "withdraw", "void", "undo" or "decide", body */
	LEDGER_REPORT_BATCH,       /* items */
	LEDGER_END_PLACEMENT,      /* id, body */
	LEDGER_READ_PLACEMENT,     /* id */
	LEDGER_READ_PROGRESS,      /* year, as_of or NULL, unit or NULL */
	LEDGER_READ_PERSON_PROGRESS, /* id, year, as_of or NULL */
	LEDGER_LIST_BEHIND,          /* figure, year, as_of, unit, limit, after */
	LEDGER_CREATE_KEY,           /* body; admin socket only */
	LEDGER_REVOKE_KEY,           /* kid */
	LEDGER_LIST_KEYS,
	LEDGER_READ_CLOCK,           /* admin socket only */
	LEDGER_MOVE_CLOCK,           /* body, from or NULL; 202: call again with its "from" */
	LEDGER_ROTATE_KEY,           /* kid, new kid, new hash, until; admin socket only */
	LEDGER_CREATE_FIRST_OFFICER, /* kid, id, hash, body; admin socket only */
	LEDGER_PRINT_SECRET_CODE,    /* id, hash of the code; admin socket only */
	LEDGER_CREATE_OFFICER,       /* id, hash, body */
	LEDGER_READ_OFFICER,         /* id */
	LEDGER_LIST_OFFICERS,        /* live, limit, after */
	LEDGER_CHANGE_OFFICER,       /* id, if_match, body */
	LEDGER_RENEW_OFFICER,        /* id, hash */
	LEDGER_MAKE_SECRET_CODE,     /* id, hash of the code */
	LEDGER_SET_OWN_SECRET,       /* id, hash of the code, hash */
	LEDGER_DELEGATE_OFFICER,     /* id, body */
	LEDGER_END_DELEGATION,       /* id, delegation */
	LEDGER_LIST_LOOKS,           /* person, officer, limit, before */
	LEDGER_LIST_ACTIONS,         /* officer, op, limit, before */
	LEDGER_LIST_DECISIONS,       /* decided, kind, quick, limit, after (2) */
	LEDGER_LIST_LOTS,            /* state, kind, limit, after */
	LEDGER_READ_LOT,             /* id */
	LEDGER_LIST_LOT_RECORDS,     /* id, sample, outcome, limit, after */
	LEDGER_DECIDE_LOT,           /* id, body */
	LEDGER_PUT_AGENCY,           /* organisation, if_match, new only, body */
	LEDGER_READ_AGENCY,          /* organisation */
	LEDGER_CREATE_REFERRAL,      /* body, what the mirror says */
	LEDGER_STEP_REFERRAL,        /* id, verb, body */
	LEDGER_READ_REFERRAL,        /* id */
	LEDGER_READ_REFERRAL_PERSON, /* id */
	LEDGER_LIST_REFERRALS,       /* state, live, seeker, vacancy, limit, before */
	LEDGER_SUMMARISE_REFERRALS,  /* from, to, by */
	LEDGER_CREATE_ENTRY,         /* register, body */
	LEDGER_READ_ENTRY,           /* register, id, as_of or NULL */
	LEDGER_LIST_ENTRIES,         /* register, filters, limit, after */
	LEDGER_CHANGE_ENTRY,         /* register, id, if_match, body */
	LEDGER_END_ENTRY,            /* register, id, body */
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

/* Before a call of that operation: seconds until the organisation may ask again, when its
 * reports have had their part; else 0.  It counts as asked. */
unsigned ledger_wait_s(const struct ledger *l, enum ledger_op op, const char *organisation);

/*
 * The key cache: every valid key, loaded at start and followed within a second.
 * `id` and `secret` are the parts of "vd_<id>_<secret>".  NULL: unknown, wrong,
 * expired or revoked; the time it takes does not tell which.  What is returned is
 * valid until the loop turns: the list is replaced when a key comes or goes.
 */
const struct principal *ledger_find_principal(struct ledger *l, const char *id,
    const char *secret);
/* The same for the parts of "vo_<id>_<secret>": role, organisation and scope are hers. */
const struct principal *ledger_find_officer(struct ledger *l, const char *id,
    const char *secret);
/* Whether a code that no table has, or whose check digit is wrong, is taken all the same: a
 * credit code, or the six digits of an area.  Known like the keys.
 */
bool ledger_recognises(const struct ledger *l, const char *code);
/* False: nobody can be told from anybody now.  Nothing was read yet; or keys have changed, and
 * the ledger went away before it said which.  What is revoked while it cannot be reached at
 * all is not known here: then the list as it was goes on. */
bool ledger_knows_keys(const struct ledger *l);

/*
 * Keys, officers and clock as the ledger last told them, to be kept where a worker finds them
 * that begins while PostgreSQL is away.  Only of a ledger whose config says `keeps_keys`.
 */
struct ledger_kept {
	const char *keys; /* bytes for ledger_restore, until the loop turns */
	size_t len;
	int64_t version; /* of the list */
	int64_t now_us;  /* the ledger's clock */
	bool fixed;
	int64_t heard_ms; /* when it was so (clock_ms) */
};
/* False: the ledger is not heard just now, or has changed the list and not yet told how. */
bool ledger_kept(const struct ledger *l, struct ledger_kept *out);
/* Goes by that until the ledger is heard; the keys until `until_ms` (clock_ms) at most.  False:
 * these bytes are no such list, of this version of the daemon. */
MUST_CHECK bool ledger_restore(struct ledger *l, const struct ledger_kept *kept,
    int64_t until_ms);
bool ledger_goes_by_kept(const struct ledger *l);

/* The ledger's clock, app_now(): business day and instant, from the last heartbeat. */
bool ledger_clock(const struct ledger *l, int *day_2000, int64_t *unix_seconds, bool *fixed);

/* After the clock of a sandbox was moved: asks where it stands, and once `done` is called all
 * workers go by that. */
void ledger_follow_clock(struct ledger *l, struct done done);

/* Milliseconds by which the snapshot horizon lags, and the pid that holds it; 0, 0 when fine.
 */
void ledger_horizon(const struct ledger *l, int64_t *age_ms, int *pid);

/* Called in the loop when a commit of this daemon wrote to the outbox. */
void ledger_on_commit(struct ledger *l, void (*fn)(void *arg), void *arg);

/*
 * The outbox, read below the snapshot horizon in commit-safe order (xid, id).
 * E_NOT_FOUND: the outbox does not go back as far as that position, or has never
 * come to it: whoever stands there must be rebuilt.
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

/* Where the outbox goes on from what is read after this: for rebuild. */
void ledger_read_horizon(struct ledger *l, int city, uint64_t *xid, uint64_t *id,
    struct done done);

/*
 * Everything of a city, for rebuild and verify: what is open and waits, and what
 * closed lately, streamed on a connection of its own.  `each` gets a record that
 * is valid until it returns; false: it was not taken, and comes again after
 * resume.  `done` is called from the loop, and what is returned here is then gone.
 */
struct ledger_copy;
struct ledger_copy *ledger_copy_records(struct ledger *l, int city,
    bool (*each)(void *arg, const struct change *c), void *arg, struct done done);
void ledger_copy_resume(struct ledger_copy *c);
void ledger_copy_free(struct ledger_copy *c); /* in the middle, without its `done` */

/*
 * What is done again and again; daemon/timetable says when.  `n` is how much was done: if
 * anything, there may be more, call again.  One caller at a time does a job.
 */
enum ledger_job {
	LEDGER_TURN_DAY,         /* ranks whoever's class ends, closes what has run out */
	LEDGER_EXPIRE_REFERRALS, /* those that nobody has answered */
	LEDGER_FORGET_ANSWERS,   /* kept for an Idempotency-Key, 35 days */
	LEDGER_SETTLE_LOTS,      /* what decisions about lots do to their records */
	LEDGER_TRIM_OUTBOX,      /* rows below passed_xid, after seven days */
	LEDGER_JOBS
};
void ledger_do(struct ledger *l, int city, enum ledger_job job, int limit, uint64_t passed_xid,
    int *n, struct done done);

/* What is counted over the whole city, and how many changes stand behind a position. */
struct ledger_figure {
	const char *name, *label; /* "waiting", "P1" */
	int64_t value;
};
struct ledger_figures {
	size_t n;
	struct ledger_figure *at;
};
void ledger_read_figures(struct ledger *l, int city, struct arena *arena,
    struct ledger_figures *out, struct done done);
void ledger_read_lag(struct ledger *l, int city, uint64_t xid, uint64_t id, int *n,
    struct done done);

/* Blocking, before the loop: migrations under an advisory lock, with checksums. */
struct ledger_migration {
	const char *hosts, *as, *schema_dir;
	bool plan_only; /* print what would run, change nothing */
	/* The city, and where its code tables are; no data_dir: migrations only. */
	const char *data_dir;
	int city, plan_year;
	bool sandbox;
	const char *fixed_clock; /* "2007-07-12 10:00+08", or NULL; sandbox only */
};
/* Prints to stdout; false (with a reason on stderr) when a checksum differs, a level is
 * unknown, or a statement fails. */
MUST_CHECK bool ledger_migrate(const struct ledger_migration *m);

#endif
