/*
 * The filters of the match lists: read from the query, asked of each item.
 *
 * A filter only leaves out; the order, the scores and the positions are those
 * of the whole list.  What is left out was looked for among the first K_MAX,
 * and the answer says so.
 */

#include "daemon/api/matches.h"
#include "daemon/api/parameters.h"

const struct match_filters post_filters = { 7,
	{ "k", "shift", "form", "pay_min", "occupation", "distance", "min_score" } };
const struct match_filters person_filters = { 7,
	{ "k", "shift", "form", "occupation", "distance", "min_score", "rank" } };

static void read_subtree(struct flow *f, struct faults *fs, struct match_filter *out)
{
	occupation_t o = query_occupation(f, fs, "occupation");

	out->occupation = o;
	if (o)
		out->occupations = o % 10000 == 0 ? 10000 : o % 100 == 0 ? 100 : 1;
}

void filter_read(struct flow *f, struct faults *fs, struct match_filter *out)
{
	const struct request *r = flow_request(f);
	int shift, form;

	shift = query_choice(f, fs, "shift", LIST_SHIFTS);
	form = query_choice(f, fs, "form", LIST_FORMS);
	out->shift = shift < 0 ? 0 : 1 << shift;
	out->form = form < 0 ? 0 : 1 << form;
	out->distance = query_choice(f, fs, "distance", LIST_AREAS) + 1;
	query_number(f, fs, "pay_min", 1, 100000000, &out->pay_min);
	query_number(f, fs, "min_score", 1, 1000, &out->min_score);
	read_subtree(f, fs, out);
	out->rank = query_choice(f, fs, "rank", LIST_RANKS) + 1;
	if (out->rank && request_masks(r, "rank")) /* would tell what is masked */
		query_fault(f, fs, "rank", "unknown-parameter", NULL, "no rank");
	out->is_set = out->shift || out->form || out->distance || out->pay_min ||
		      out->min_score || out->occupation || out->rank;
}

static bool keeps_distance(const struct match_filter *w, const struct terms *t, place_t a,
    place_t b)
{
	return !w->distance || (int)area_level(a, b, t->near) < w->distance;
}

static bool is_below(const struct match_filter *w, occupation_t o)
{
	return o >= w->occupation && o - w->occupation < w->occupations;
}

bool filter_keeps_post(const struct match_filter *w, const struct terms *t,
    const struct seeker *who, const struct match *m, const struct vacancy *v)
{
	return (!w->shift || v->shift == w->shift) && (!w->form || v->form == w->form) &&
	       v->pay_max >= (uint64_t)w->pay_min &&
	       (!w->occupation || is_below(w, v->occupation)) &&
	       m->score.total >= w->min_score && keeps_distance(w, t, who->place, v->place);
}

/* What she did not state, she takes. */
bool filter_keeps_person(const struct match_filter *w, const struct terms *t,
    const struct vacancy *post, const struct match *m, const struct seeker *s)
{
	bool wishes = !w->occupation;

	for (uint8_t i = 0; i < s->n_wishes && !wishes; i++)
		wishes = is_below(w, s->wishes[i]);
	return wishes && (!w->shift || !s->shifts || s->shifts & w->shift) &&
	       (!w->form || !s->forms || s->forms & w->form) &&
	       m->score.total >= w->min_score && (!w->rank || s->rank == w->rank) &&
	       keeps_distance(w, t, s->place, post->place);
}
