/*
 * The answers to matches, written directly: they are the hot answers, and a
 * tree of JSON objects would cost more than the search.
 *
 * Nothing sealed can stand here, because nothing sealed is in a mirror.
 */
#include "daemon/base/buf.h"
#include "daemon/codec/spot.h"

/* By education_t. */
static const char *const education_names[] = { NULL, "other", "primary", "junior_high",
	"senior_high", "junior_college", "bachelor", "postgraduate" };

static void put_occupation(struct buf *b, const char *key, occupation_t o)
{
	char code[12];

	occupation_print(o, code);
	if (key)
		buf_key(b, key);
	else
		buf_comma(b);
	buf_json(b, code);
}

static void put_digits(struct buf *b, const char *key, uint64_t n)
{
	buf_key(b, key);
	buf_putc(b, '"');
	buf_putu(b, n);
	buf_putc(b, '"');
}

static void put_seeker_id(struct buf *b, const char *key, uint64_t id)
{
	char text[17];

	codec_print_seeker_id(id, text);
	write_text(b, key, text);
}

/* After the id: k, as_of, policy, and the list is open. */
static void put_head(struct buf *b, const struct match_head *h)
{
	write_number(b, "k", (int64_t)h->k);
	buf_key(b, "as_of");
	buf_putc(b, '{');
	write_day(b, "day", true, h->day);
	buf_key(b, "seq");
	buf_putu(b, h->seq);
	write_number(b, "age_ms", h->age_ms);
	write_text(b, "board", h->following ? "following" : "away");
	buf_putc(b, '}');
	write_text(b, "policy", h->policy);
	buf_key(b, "items");
	buf_putc(b, '[');
}

static void put_score(struct buf *b, const struct match *m, const struct seeker *who,
    const struct vacancy *post)
{
	const struct score *s = &m->score;
	char text[EXPLAIN_MAX];

	write_number(b, "score", s->total);
	buf_key(b, "components");
	buf_putc(b, '{');
	write_number(b, "occupation", s->occupation);
	write_number(b, "area", s->area);
	write_number(b, "skills", s->skills);
	write_number(b, "pay", s->pay);
	write_number(b, "experience", s->experience);
	write_number(b, "freshness", s->freshness);
	buf_putc(b, '}');
	write_flag(b, "widened", m->widened);
	buf_key(b, "explanation");
	buf_putc(b, '{');
	explain_score(s, who, post, true, text, sizeof(text));
	write_text(b, "zh", text);
	explain_score(s, who, post, false, text, sizeof(text));
	write_text(b, "en", text);
	buf_putc(b, '}');
}

void codec_write_posts(struct buf *b, const struct match_head *h, const struct seeker *who,
    const struct match_post *items, size_t n)
{
	buf_putc(b, '{');
	put_digits(b, "city", (uint64_t)h->city);
	put_seeker_id(b, "seeker", who->id);
	put_head(b, h);
	for (size_t i = 0; i < n; i++) {
		const struct vacancy *v = items[i].vacancy;

		buf_comma(b);
		buf_putc(b, '{');
		write_number(b, "position", (int64_t)i + 1);
		write_number(b, "by_score", items[i].match->by_score);
		put_digits(b, "vacancy", v->id);
		write_text(b, "title", items[i].title);
		write_text(b, "employer", items[i].employer);
		write_text(b, "pay", items[i].pay);
		put_digits(b, "place", v->place);
		put_occupation(b, "occupation", v->occupation);
		write_number(b, "open_posts", v->open_posts);
		write_flag(b, "reserved", v->reserved);
		write_day(b, "posted_on", true, v->posted_on);
		write_flag(b, "fit", items[i].match->fit);
		put_score(b, items[i].match, who, v);
		buf_putc(b, '}');
	}
	buf_puts(b, "]}");
}

static void put_wishes(struct buf *b, const struct seeker *s)
{
	buf_key(b, "wishes");
	buf_putc(b, '[');
	for (uint8_t i = 0; i < s->n_wishes; i++)
		put_occupation(b, NULL, s->wishes[i]);
	buf_putc(b, ']');
}

void codec_write_persons(struct buf *b, const struct match_head *h, const struct vacancy *post,
    const struct match_person *items, size_t n, bool show_rank)
{
	buf_putc(b, '{');
	put_digits(b, "city", (uint64_t)h->city);
	put_digits(b, "vacancy", post->id);
	put_head(b, h);
	for (size_t i = 0; i < n; i++) {
		const struct seeker *s = items[i].seeker;
		char rank[3] = { 'P', (char)('0' + s->rank % 10), '\0' };

		buf_comma(b);
		buf_putc(b, '{');
		write_number(b, "position", (int64_t)i + 1);
		write_number(b, "by_score", items[i].match->by_score);
		put_seeker_id(b, "seeker", s->id);
		put_digits(b, "district", s->place / 1000000);
		put_wishes(b, s);
		write_text(b, "education",
		    s->education < COUNT(education_names) ? education_names[s->education]
							  : NULL);
		if (show_rank) {
			write_text(b, "rank", rank);
			write_day(b, "waiting_since", true, s->waiting_since);
		} else {
			write_flag(b, "priority", s->rank <= RANK_P3);
		}
		write_flag(b, "fit", items[i].match->fit);
		put_score(b, items[i].match, s, post);
		buf_putc(b, '}');
	}
	buf_puts(b, "]}");
}
