/*
 * The filters of the match lists: read from the query, asked of each item.
 *
 * A filter only leaves out; the order, the scores and the positions are those
 * of the whole list.  What is left out was looked for among the first K_MAX,
 * and the answer says so.
 */
#include <string.h>

#include "daemon/api/matches.h"
#include "daemon/api/parameters.h"
#include "daemon/base/arena.h"

const char *const post_filters[] = { "k", "shift", "form", "pay_min", "occupation", "distance",
	"min_score" };
const char *const person_filters[] = { "k", "shift", "form", "occupation", "distance",
	"min_score", "rank" };

struct word {
	const char *name;
	int value;
};

/* ?name= is one of the words; else 0, and a fault when it is another. */
static int query_choice(struct flow *f, struct faults *fs, const char *name,
    const struct word *of, size_t n)
{
	const char *text = request_query(flow_request(f), name);
	const char *all = "";

	for (size_t i = 0; text && i < n; i++) {
		if (strcmp(of[i].name, text) == 0)
			return of[i].value;
		all = arena_printf(flow_arena(f), "%s%s%s", all, i ? ", " : "", of[i].name);
	}
	if (text)
		query_fault(f, fs, name, "choice", text, all);
	return 0;
}

static void read_subtree(struct flow *f, struct faults *fs, struct match_filter *out)
{
	occupation_t o = query_occupation(f, fs, "occupation");

	out->occupation = o;
	if (o)
		out->occupations = o % 10000 == 0 ? 10000 : o % 100 == 0 ? 100 : 1;
}

void filter_read(struct flow *f, struct faults *fs, struct match_filter *out)
{
	static const struct word shifts[] = { { "day", SHIFT_DAY },
		{ "evening", SHIFT_EVENING }, { "night", SHIFT_NIGHT },
		{ "rotating", SHIFT_ROTATING } };
	static const struct word forms[] = { { "full", FORM_FULL }, { "part", FORM_PART } };
	static const struct word areas[] = { { "community", AREA_COMMUNITY + 1 },
		{ "street", AREA_STREET + 1 }, { "county", AREA_COUNTY + 1 },
		{ "adjacent", AREA_ADJACENT + 1 }, { "city", AREA_CITY + 1 } };
	static const struct word ranks[] = { { "P1", 1 }, { "P2", 2 }, { "P3", 3 }, { "P4", 4 },
		{ "P5", 5 }, { "P6", 6 } };
	const struct request *r = flow_request(f);

	out->shift = query_choice(f, fs, "shift", shifts, 4);
	out->form = query_choice(f, fs, "form", forms, 2);
	out->distance = query_choice(f, fs, "distance", areas, 5);
	query_number(f, fs, "pay_min", 1, 100000000, &out->pay_min);
	query_number(f, fs, "min_score", 1, 1000, &out->min_score);
	read_subtree(f, fs, out);
	out->rank = query_choice(f, fs, "rank", ranks, 6);
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
