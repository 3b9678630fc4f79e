/*
 * Answers to matches, written directly (they are the hot answers).
 */
#ifndef DAEMON_CODEC_MATCH_ANSWER_H
#define DAEMON_CODEC_MATCH_ANSWER_H

#include "matcher/match.h"

struct buf;

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
	const struct skill_words *words;
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

/* "as_of" and "policy": how fresh a match is, and by which weights. */
void write_as_of(struct buf *b, const struct match_head *h);

#endif
