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

struct filed_seeker {
	char citizen[19]; /* canonical; to be sealed, as are the next three */
	const char *name;
	const char *telephone, *address; /* NULL when not stated */
	const char *coded;
};
enum read_result codec_read_seeker(const struct codec *c, const char *body, size_t len,
    struct filed_seeker *out);

/* The others need no sealing: one coded JSON text each. */
enum read_result codec_read_employer(const struct codec *c, const char *body, size_t len,
    const char **coded);
enum read_result codec_read_household(const struct codec *c, const char *body, size_t len,
    const char **coded);
enum read_result codec_read_posts(const struct codec *c, const char *body, size_t len,
    const char **coded);
enum read_result codec_read_placement(const struct codec *c, const char *body, size_t len,
    const char **coded);
enum read_result codec_read_registration(const struct codec *c, const char *body, size_t len,
    const char **coded);
enum read_result codec_read_voiding(const struct codec *c, const char *body, size_t len,
    const char **coded);
/* A body where none is needed: empty, or an empty object. */
enum read_result codec_read_nothing(const struct codec *c, const char *body, size_t len);

/* A seeker's file as answered: codes in the API's words, opened fields (NULL: not there). */
struct opened_person {
	const char *citizen, *name, *telephone, *address;
};
const char *codec_write_person(struct arena *a, const struct catalog *c, const char *json,
    const struct opened_person *opened);

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
};
struct match_post { /* an item of seeker -> vacancies */
	const struct match *match;
	const struct vacancy *vacancy;
	const char *title, *employer, *pay;
};
void codec_write_posts(struct buf *b, const struct match_head *h, const struct seeker *who,
    const struct match_post *items, size_t n);
struct match_person { /* an item of vacancy -> seekers */
	const struct match *match;
	const struct seeker *seeker;
};
/* `show_rank`: P1..P6 for a bureau; else only priority, yes or no. */
void codec_write_persons(struct buf *b, const struct match_head *h, const struct vacancy *post,
    const struct match_person *items, size_t n, bool show_rank);

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
