/*
 * What the plans of matches share: the question, with its filters, and the
 * mirror it is put to.
 */
#ifndef DAEMON_API_MATCHES_H
#define DAEMON_API_MATCHES_H

#include "daemon/api/ask.h"
#include "daemon/codec/match_answer.h"

/* A value of 0 was not asked for. */
struct match_filter {
	bool is_set;
	int shift, form;                      /* one of enum shift, of enum form */
	long pay_min;                         /* of posts: fen a month */
	occupation_t occupation, occupations; /* the first of a subtree, and how many codes */
	int distance;                         /* an enum area_level and 1 */
	long min_score;
	int rank; /* of people */
};

struct question {
	long k;
	struct match_head head;
	struct terms terms;
	struct match_filter filter;
	struct ask ask; /* of the ledger, for what the mirror lacks */
	bool has_asked;
};

/* A whole first step: what was asked; and the caller's last write, if he names it, is here. */
enum next await_write(struct flow *f, void *state);
/* The day and the mirror as they are after the wait: STEP_NEXT, or answered. */
enum next begin_match(struct flow *f, struct question *q);
/* By which the caller's lists are made: whoever may not see ranks gets P1 to P3 as one set. */
struct terms terms_for(struct flow *f, day_t day);
/* The mirror lacks one of them, or the caller may not see it: the ledger is asked, once, and
 * the step is to be taken again; if that has been done, it is missing.  An id of 0: not asked
 * about. */
enum next match_without(struct flow *f, struct question *q, uint64_t seeker, uint64_t vacancy);

/* Where it stands in a list, from 1; 0: nowhere. */
size_t place_of(uint64_t id, const struct match *found, size_t n);

/* The names of the filters of both lists; each list takes some of them. */
void filter_read(struct flow *f, struct faults *fs, struct match_filter *out);
bool filter_keeps_post(const struct match_filter *w, const struct terms *t,
    const struct seeker *who, const struct match *m, const struct vacancy *v);
bool filter_keeps_person(const struct match_filter *w, const struct terms *t,
    const struct vacancy *post, const struct match *m, const struct seeker *s);
/* Which filters a list takes, "k" before them: the argument of its route. */
struct match_filters {
	size_t n;
	const char *names[7];
};
extern const struct match_filters post_filters, person_filters;

#endif
