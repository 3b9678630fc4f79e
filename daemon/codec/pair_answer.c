/*
 * One pair explained: every rule that fails, by name and in words; or, when
 * none does, the score, its parts and the place in both lists.
 *
 * It is asked for seldom, so nothing here is written for speed.
 */
#include "daemon/codec/pair_answer.h"

#include "daemon/base/buf.h"
#include "daemon/codec/match_answer.h"
#include "daemon/codec/path_ids.h"
#include "daemon/codec/writers.h"

static void put_failed(struct buf *b, uint32_t failed)
{
	buf_key(b, "failed");
	buf_putc(b, '[');
	for (unsigned r = RULE_CLOSED; r < RULES; r++) {
		char text[EXPLAIN_MAX];

		if (!(failed & UINT32_C(1) << r))
			continue;
		buf_comma(b);
		buf_putc(b, '{');
		write_text(b, "rule", rule_name((enum rule)r));
		explain_rule((enum rule)r, true, text, sizeof(text));
		write_text(b, "zh", text);
		explain_rule((enum rule)r, false, text, sizeof(text));
		write_text(b, "en", text);
		buf_putc(b, '}');
	}
	buf_putc(b, ']');
}

static void put_score(struct buf *b, const struct match_head *h, const struct match_pair *p)
{
	const struct score *s = &p->score;
	char text[EXPLAIN_MAX];

	write_flag(b, "fit", s->fit);
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
	write_flag(b, "widened", p->widened);
	buf_key(b, "explanation");
	buf_putc(b, '{');
	explain_score(s, p->who, p->post, h->words, true, text, sizeof(text));
	write_text(b, "zh", text);
	explain_score(s, p->who, p->post, h->words, false, text, sizeof(text));
	write_text(b, "en", text);
	buf_putc(b, '}');
}

static void put_position(struct buf *b, const char *name, bool told, const struct position *at)
{
	buf_key(b, name);
	if (!told) {
		buf_puts(b, "null");
		return;
	}
	buf_putc(b, '{');
	write_number(b, "by_order", (int64_t)at->by_order);
	write_number(b, "by_score", (int64_t)at->by_score);
	buf_putc(b, '}');
}

void codec_write_pair(struct buf *b, const struct match_head *h, const struct match_pair *p)
{
	char id[17];

	codec_print_seeker_id(p->who->id, id);
	buf_printf(b, "{\"city\":\"%d\"", h->city);
	write_text(b, "seeker", id);
	buf_key(b, "vacancy");
	buf_printf(b, "\"%llu\"", (unsigned long long)p->post->id);
	write_as_of(b, h);
	write_flag(b, "eligible", p->failed == 0);
	put_failed(b, p->failed);
	write_flag(b, "busy", p->who->busy);
	if (p->failed == 0)
		put_score(b, h, p);
	buf_key(b, "positions");
	buf_putc(b, '{');
	put_position(b, "among_seekers", p->failed == 0, &p->among_seekers);
	put_position(b, "among_vacancies", p->failed == 0, &p->among_vacancies);
	buf_puts(b, "}}");
}
