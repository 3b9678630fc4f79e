/*
 * Problems: every refusal of the exchange as problem+json (RFC 9457), in
 * Chinese and English, made in one place from one table.
 *
 * A problem has a slug ("vacancy-filled"), which fixes its HTTP status, its
 * titles and its page /problems/<slug>; and a list of errors, each of which
 * says where (a JSON pointer, or "query/k", "header/If-Match"), which rule was
 * broken, and what would be right.
 */
#ifndef DAEMON_FLOW_PROBLEM_H
#define DAEMON_FLOW_PROBLEM_H

#include "daemon/flow/flow.h"

struct buf;

struct problem_kind {
	const char *slug;
	int status;
	const char *title_zh, *title_en;
	const char *mend_zh, *mend_en; /* what the caller can do */
	const char *rule;              /* its page, "rules/education"; NULL: it is no rule's */
};

/* Never NULL: an unknown slug is "internal". */
const struct problem_kind *problem_kind(const char *slug);
const struct problem_kind *problem_kinds(size_t *n);

/* A reason of "wrong-state", in whole sentences. */
struct wrong_state {
	const char *reason;
	const char *zh, *en;
	const char *mend_zh, *mend_en; /* what must come first */
	const char *rule;              /* as above */
};

/* The one that these members of a problem name as `reason`; NULL: none. */
const struct wrong_state *wrong_state_in(const char *members);

#define FAULTS_MAX 50

/* One broken rule in the input. */
struct fault {
	char pointer[96];   /* "/lines/3/posts" */
	char rule[40];      /* "range", "unknown-code", "check-digit" */
	char found[64];     /* what stood there, cut; never a sealed field */
	char expected[172]; /* "1 to 10000"; what is left out of a long list is "…" */
	char column[64];    /* its heading in the file that was sent; "": it is of none */
	/* Of a file in a body: the line, as the file counts, and its worksheet; 0 and "": none.
	 */
	uint64_t line;
	char sheet[64];
	char en[160], zh[160];
};

struct faults {
	size_t n; /* how many there were, which may be more than are kept */
	struct fault at[FAULTS_MAX];
};

/* In the place of what is sealed. */
#define NOT_SHOWN "(not shown)"

/* What stood there; something that looks like a citizen number is not shown. */
void fault_found(struct fault *to, const char *found);
/* Adds one.  `en` and `zh` are whole sentences for a person. */
void fault_add(struct faults *fs, const char *pointer, const char *rule, const char *found,
    const char *expected, const char *en, const char *zh);

/* "errors":[...], as a member of an object that is open.  `expected` is in that language, and
 * `expected_zh` beside it always Chinese. */
void faults_write(struct buf *b, const struct faults *fs, enum lang lang);

/* JSON with such errors in it, as the ledger or an earlier call wrote it: the same, but that
 * what would be right speaks that language.  What is escaped in a text stays so. */
void faults_say(struct buf *b, const char *json, enum lang lang);

/* Write the problem's body.  `members` is further JSON ("\"open\":[...]") or NULL. */
void problem_write(struct buf *b, const char *slug, enum lang lang, const char *request_id,
    const struct faults *fs, const char *members);

/* Answer a flow with it. */
enum next flow_refuse(struct flow *f, const char *slug, const struct faults *fs,
    const char *members);
/* One that is over in so many seconds. */
enum next flow_refuse_until(struct flow *f, const char *slug, unsigned wait_s);
/* The slug for a failed wait: E_BUSY "busy", E_UNAVAILABLE "ledger-away", ... */
const char *problem_of_status(enum status st);

#endif
