/*
 * A pair explained: the rules that fail, or its score and its place in both lists.
 */
#ifndef DAEMON_CODEC_PAIR_ANSWER_H
#define DAEMON_CODEC_PAIR_ANSWER_H

#include "matcher/match.h"

struct buf;
struct match_head;

struct match_pair {
	const struct seeker *who;
	const struct vacancy *post;
	uint32_t failed; /* ineligible_rules() */
	bool widened;
	struct score score;
	struct position among_seekers, among_vacancies;
};
void codec_write_pair(struct buf *b, const struct match_head *h, const struct match_pair *p);

#endif
