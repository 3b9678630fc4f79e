/*
 * The codec: what clients send, as JSON, into what the ledger takes; and the
 * answers that this process writes itself.
 *
 * Pure: no clock, no I/O; the day and the catalogue are arguments.  Every
 * broken rule of a body is collected, with where, which rule, what stood there
 * and what would be right, before anything is refused.  Fields that are sealed
 * in the ledger (citizen number, name, telephone, address, contacts) come out
 * apart from the coded text, for the caller to seal, and never stand in a
 * fault.  Everything returned lives in the arena.
 */
#ifndef DAEMON_CODEC_CODEC_H
#define DAEMON_CODEC_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/status.h"
#include "daemon/flow/problem.h"
#include "matcher/codes.h"
#include "matcher/match.h"

struct arena;
struct buf;
struct catalog;

#define CODEC_BODY_MAX   ((size_t)64 * 1024)
#define CODEC_RETURN_MAX ((size_t)256 * 1024)
#define PLACEMENTS_MAX   200 /* of one batch */
#define CODEC_DEPTH_MAX  8
#define RETURN_LINES_MAX 200

/* What a reader needs beside the bytes. */
struct codec {
	struct arena *arena;
	const struct catalog *catalog;
	struct faults *faults; /* added to */
	day_t today;           /* the ledger's business day */
};

enum read_result {
	READ_OK,
	READ_MALFORMED, /* not JSON as we take it: 400 */
	READ_INVALID    /* JSON, but it breaks rules: 422 */
};

/* One line of a return: the coded text is `members`, without braces and contact. */
struct filed_line {
	const char *ref;
	const char *members;
	const char *interview_contact; /* to be sealed; NULL when not stated */
	const char *place;             /* twelve digits */
	bool reserved;
};

struct filed_return {
	bool nil;
	int64_t staff;
	const char *contact, *telephone; /* to be sealed; NULL when not stated */
	const char *closed;              /* a JSON array */
	size_t n_lines;
	struct filed_line *lines;
	const char
	    *canonical; /* the body with its members sorted: the same return, the same text */
};

/* `district` is the six-digit code in the path; NULL when that is wrong itself. */
enum read_result codec_read_return(const struct codec *c, const char *body, size_t len,
    const char *district, struct filed_return *out);
/* The coded return; sealed[i] is the hex of line i's contact, or NULL. */
const char *codec_write_return(struct arena *a, const struct filed_return *r,
    const char *const *sealed);

/*
 * A JSON merge patch (RFC 7396) laid over a line as it was filed: `stands` is the ledger's
 * {"line": {...}}, `contact` its interview contact.  {"closed": {"reason"}} closes it instead.
 */
struct patched_line {
	struct filed_line line;
	const char *closing; /* JSON, or NULL; then `line` says nothing */
};
enum read_result codec_read_line_patch(const struct codec *c, const char *body, size_t len,
    const char *district, const char *stands, const char *contact, struct patched_line *out);

/* A line that comes by itself, in a file of many: whose it is, and of which quarter.  One that
 * is closed has only ref and place beside them; its members say "closing". */
struct single_line {
	struct filed_line line;
	const char *employer, *quarter;
	char district[7]; /* from the place */
};
/* `employer` is whose it is when the line does not say so; NULL: it must.  `text` is JSON. */
enum read_result codec_read_single_line(const struct codec *c, const char *text, size_t len,
    const char *employer, struct single_line *out);
/* Adds it to a list for the ledger; `sealed` is its contact in hex. */
void codec_write_single_line(struct buf *list, size_t n, const struct single_line *l,
    const char *sealed, const char *contact_key);

/* What a file's record is answered with: a whole receipt, or the beginning of one whose end the
 * ledger says. */
struct receipt_entry {
	const char *text;
	bool is_sent;
};
/* One a line; false: the ledger's reply has not as many. */
bool codec_write_receipts(struct buf *out, const char *reply,
    const struct receipt_entry *entries, size_t n);

/* A file of lines, cut into records (records.c) and, when it is CSV, read by its header
 * (csv.c). */
#define CODEC_RECORD_MAX ((size_t)65536)
enum charset { CHARSET_UTF8, CHARSET_GB18030 };
struct records;
struct records *records_new(bool is_csv, enum charset charset);
void records_free(struct records *r);
/* Takes bytes up to the end of a record; how many.  *whole: one is complete, or, with
 * is_last and no bytes, what was left. */
size_t records_take(struct records *r, const char *bytes, size_t n, bool is_last, bool *whole);
uint64_t records_line(const struct records *r); /* where the record begins, from 1 */
bool records_is_blank(const struct records *r);
/* The first record of a CSV file; false: faults say why, and nothing can be read. */
bool records_read_header(struct records *r, const struct codec *c);
/* The complete record as a line. */
enum read_result records_read_line(struct records *r, const struct codec *c,
    const char *employer, struct single_line *out);

/* The ledger's page of obligations with each item's sealed contact opened. */
typedef const char *contact_opener(void *arg, const char *column, const char *row,
    const uint8_t *sealed, size_t n);
const char *codec_open_contacts(struct arena *a, const char *json, contact_opener *open,
    void *arg);

struct filed_seeker {
	char citizen[19]; /* canonical; to be sealed, as are the next three */
	const char *name;
	const char *telephone, *address; /* NULL when not stated */
	const char *coded;
};
enum read_result codec_read_seeker(const struct codec *c, const char *body, size_t len,
    struct filed_seeker *out);

/* An amendment: only what was stated; a sealed member that was stated as null is taken away. */
struct changed_seeker {
	const char *coded;
	bool has_telephone, has_address;
	const char *telephone, *address;
};
enum read_result codec_read_seeker_change(const struct codec *c, const char *body, size_t len,
    struct changed_seeker *out);
/* {"citizen_number"}, canonical; "" when it was not right. */
enum read_result codec_read_citizen(const struct codec *c, const char *body, size_t len,
    char out[static 19]);

/*
 * The others need no sealing: one coded JSON text each.  A shape reads the members of a
 * one and writes them coded; codec_read does for all of them what is the same for all.
 */
struct field;
typedef void body_shape(const struct field *top, struct buf *coded);
enum read_result codec_read(const struct codec *c, body_shape *shape, const char *text,
    size_t len, const char **coded);

body_shape employer_body, household_body, household_change_body, posts_body, agency_body;
body_shape officer_body, officer_change_body, delegation_body;
body_shape placement_body, registration_body, withdrawal_body, voiding_body, undoing_body;
body_shape decision_body;
/* A seeker's dated facts, one by one (statuses.c), and what ends or voids them (changes.c). */
body_shape unemployment_body, recognition_body, certificate_body, retirement_body;
body_shape leaving_body, recovery_body, inspection_body, fact_void_body, seeker_return_body;
body_shape merge_body, household_end_body, job_end_body;
body_shape key_body, rotation_body;
body_shape referral_body;
/* Of one of a referral's verbs: "consent", "refuse", "accept", ... */
body_shape *referral_step_body(const char *verb);
/* Where none is needed: no text at all, or an empty object. */
body_shape empty_body;

/* A list of placements, up to PLACEMENTS_MAX: [{"key","body"}], or {"errors"} for one that is
 * wrong. */
enum read_result codec_read_placements(const struct codec *c, const char *text, size_t len,
    const char **coded);

/* A seeker's file as answered: codes in the API's words, opened fields (NULL: not there). */
struct opened_person {
	const char *citizen, *name, *telephone, *address;
};
const char *codec_write_person(struct arena *a, const struct catalog *c, const char *json,
    const struct opened_person *opened);

/* A vacancy's own answer as schema.org/JobPosting. */
const char *codec_write_job_posting(struct arena *a, const struct catalog *c,
    const char *vacancy);

/* Identifiers as they stand in paths: canonical forms, or false. */
bool codec_employer_code(const char *text, char out[static 20]);
bool codec_seeker_id(const char *text, uint64_t *out);  /* 16 lower-case hex digits */
bool codec_decimal_id(const char *text, uint64_t *out); /* 1 .. 2^63-1, no leading zero */
void codec_print_seeker_id(uint64_t id, char out[static 17]);
/* "410102********9990" */
void codec_mask_citizen(const char *canonical, char out[static 19]);

/*
 * Pay as fen a month of the stated weekly hours, by integer arithmetic, rounded
 * down: an hour's by weekly_hours * 52 / 12, a day's (eight hours) by
 * weekly_hours / 8 * 52 / 12.  A month's and a piece-worker's stand as stated.
 */
enum pay_period { PAY_HOUR, PAY_DAY, PAY_MONTH, PAY_PIECE };
int64_t codec_pay_month(int64_t fen, enum pay_period period, int weekly_hours);
/* "1200–1500元/月"; min 0: none stated. */
const char *codec_pay_text(struct arena *a, int64_t min, int64_t max, enum pay_period period);

/* Answers to matches, written directly (they are the hot answers). */
struct match_head {
	int city;
	size_t k;
	day_t day;
	uint64_t seq;
	int64_t age_ms;
	bool following;
	const char *policy;
	size_t busy;     /* who is in no list because of three live referrals */
	size_t of_first; /* filters were applied to so many; 0: there were none */
};
struct match_post { /* an item of seeker -> vacancies */
	const struct match *match;
	size_t position; /* in the list without filters */
	struct vacancy vacancy;
	const char *title, *employer, *pay;
};
void codec_write_posts(struct buf *b, const struct match_head *h, const struct seeker *who,
    const struct match_post *items, size_t n);
struct match_person { /* an item of vacancy -> seekers */
	const struct match *match;
	size_t position;
	struct seeker seeker;
};
/* `show_rank`: P1..P6 for a bureau; else only priority, yes or no. */
void codec_write_persons(struct buf *b, const struct match_head *h, const struct vacancy *post,
    const struct match_person *items, size_t n, bool show_rank);

/* A pair explained: the rules that fail, or its score and its place in both lists, 0 when it is
 * not among the first K_MAX. */
struct match_pair {
	const struct seeker *who;
	const struct vacancy *post;
	uint32_t failed; /* ineligible_rules() */
	bool widened;
	struct score score;
	size_t among_seekers, among_vacancies;
};
void codec_write_pair(struct buf *b, const struct match_head *h, const struct match_pair *p);

/* For answers of the ledger that are passed on: a number member, or -1. */
int64_t codec_member_number(const char *json, const char *name);
/* A string member, or NULL. */
const char *codec_member_text(struct arena *a, const char *json, const char *name);
/* The JSON object with these string members put in (values NULL are left out). */
struct text_member {
	const char *name, *value;
};
const char *codec_with_members(struct arena *a, const char *json, const struct text_member *m,
    size_t n);

#endif
