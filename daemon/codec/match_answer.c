/*
 * The answers to matches, written directly: they are the hot answers, and a
 * tree of JSON objects would cost more than the search.
 *
 * Nothing sealed can stand here, because nothing sealed is in a mirror.  An
 * item asks for room once, for the longest that it can be, and is then written
 * byte behind byte without looking.  Only display text is searched for what
 * JSON escapes; everything else is ours.
 */
#include "daemon/codec/match_answer.h"

#include <assert.h>
#include <string.h>

#include "daemon/base/buf.h"
#include "daemon/base/count.h"
#include "daemon/codec/path_ids.h"
#include "daemon/codec/writers.h"
#include "matcher/codes.h"

/* Of an item without its display text: names and numbers, and two explanations. */
#define ITEM_ROOM ((size_t)1024 + (size_t)2 * EXPLAIN_MAX)

#define PUT(to, literal)                                                                       \
	((char *)memcpy(to, literal, sizeof(literal) - 1) + sizeof(literal) - 1)

static char *put_pair(char *to, unsigned n)
{
	static const char pairs[] = "00010203040506070809101112131415161718192021222324"
				    "25262728293031323334353637383940414243444546474849"
				    "50515253545556575859606162636465666768697071727374"
				    "75767778798081828384858687888990919293949596979899";

	return (char *)memcpy(to, pairs + (size_t)2 * n, 2) + 2;
}

static char *put_number(char *to, uint64_t n)
{
	char digits[20];
	char *at = digits + sizeof(digits);

	if (n < 10) {
		*to = (char)('0' + n);
		return to + 1;
	}
	if (n < 100)
		return put_pair(to, (unsigned)n);
	for (; n >= 100; n /= 100)
		put_pair(at -= 2, (unsigned)(n % 100));
	if (n >= 10)
		put_pair(at -= 2, (unsigned)n);
	else
		*--at = (char)('0' + n);
	n = (size_t)(digits + sizeof(digits) - at);
	return (char *)memcpy(to, at, n) + n;
}

static char *put_flag(char *to, bool yes)
{
	return yes ? PUT(to, "true") : PUT(to, "false");
}

static char *put_day(char *to, day_t d)
{
	char text[11];

	day_print(d, text);
	return (char *)memcpy(to, text, 10) + 10;
}

static char *put_occupation(char *to, occupation_t o)
{
	occupation_print(o, to);
	return to + strlen(to);
}

static char *put_seeker_id(char *to, uint64_t id)
{
	codec_print_seeker_id(id, to);
	return to + 16;
}

static char *put_text(char *to, const char *text, size_t n)
{
	if (!text)
		return PUT(to, "null");
	*to++ = '"';
	to = json_text(to, text, n);
	*to++ = '"';
	return to;
}

/* After the id: k, as_of, policy, and the list is open. */
static void put_head(struct buf *b, const struct match_head *h)
{
	write_number(b, "k", (int64_t)h->k);
	write_as_of(b, h);
	write_number(b, "busy", (int64_t)h->busy);
	if (h->of_first)
		write_number(b, "of_first", (int64_t)h->of_first);
	buf_key(b, "items");
	buf_putc(b, '[');
}

static char *put_position(char *to, size_t i, size_t position)
{
	if (i)
		*to++ = ',';
	return put_number(PUT(to, "{\"position\":"), position);
}

static char *put_score(char *to, const struct match_head *h, const struct match *m,
    const struct seeker *who, const struct vacancy *post)
{
	const struct score *s = &m->score;

	to = put_flag(PUT(to, ",\"fit\":"), s->fit);
	to = put_number(PUT(to, ",\"score\":"), s->total);
	to = put_number(PUT(to, ",\"components\":{\"occupation\":"), s->occupation);
	to = put_number(PUT(to, ",\"area\":"), s->area);
	to = put_number(PUT(to, ",\"skills\":"), s->skills);
	to = put_number(PUT(to, ",\"pay\":"), s->pay);
	to = put_number(PUT(to, ",\"experience\":"), s->experience);
	to = put_number(PUT(to, ",\"freshness\":"), s->freshness);
	to = put_flag(PUT(to, "},\"widened\":"), m->widened);
	to =
	    explain_write(s, who, post, h->words, true, PUT(to, ",\"explanation\":{\"zh\":\""));
	to = explain_write(s, who, post, h->words, false, PUT(to, "\",\"en\":\""));
	return PUT(to, "\"}}");
}

static void put_post(struct buf *b, const struct match_head *h, size_t i,
    const struct seeker *who, const struct match_post *item)
{
	const struct vacancy *v = &item->vacancy;
	size_t title = item->title ? strlen(item->title) : 0;
	size_t employer = item->employer ? strlen(item->employer) : 0;
	size_t pay = item->pay ? strlen(item->pay) : 0;
	size_t room =
	    ITEM_ROOM + JSON_TEXT_MAX(title) + JSON_TEXT_MAX(employer) + JSON_TEXT_MAX(pay);
	char *begin = buf_room(b, room);
	char *to = put_position(begin, i, item->position);

	to = put_number(PUT(to, ",\"vacancy\":\""), v->id);
	to = put_text(PUT(to, "\",\"title\":"), item->title, title);
	to = put_text(PUT(to, ",\"employer\":"), item->employer, employer);
	to = put_text(PUT(to, ",\"pay\":"), item->pay, pay);
	to = put_number(PUT(to, ",\"place\":\""), v->place);
	to = put_occupation(PUT(to, "\",\"occupation\":\""), v->occupation);
	to = put_number(PUT(to, "\",\"open_posts\":"), v->open_posts);
	to = put_flag(PUT(to, ",\"reserved\":"), v->reserved);
	to = put_day(PUT(to, ",\"posted_on\":\""), v->posted_on);
	to = put_score(PUT(to, "\""), h, item->match, who, v);
	assert((size_t)(to - begin) <= room);
	buf_upto(b, to);
}

void codec_write_posts(struct buf *b, const struct match_head *h, const struct seeker *who,
    const struct match_post *items, size_t n)
{
	char *to = buf_room(b, 128);

	to = put_number(PUT(to, "{\"city\":\""), (uint64_t)h->city);
	to = put_seeker_id(PUT(to, "\",\"seeker\":\""), who->id);
	buf_upto(b, PUT(to, "\""));
	put_head(b, h);
	for (size_t i = 0; i < n; i++)
		put_post(b, h, i, who, &items[i]);
	buf_put(b, "]}", 2);
}

static char *put_wishes(char *to, const struct seeker *s)
{
	to = PUT(to, ",\"wishes\":[");
	for (uint8_t i = 0; i < s->n_wishes; i++) {
		to = i ? PUT(to, ",\"") : PUT(to, "\"");
		to = put_occupation(to, s->wishes[i]);
		*to++ = '"';
	}
	*to++ = ']';
	return to;
}

static void put_person(struct buf *b, const struct match_head *h, size_t i,
    const struct vacancy *post, const struct match_person *item, bool show_rank)
{
	const struct seeker *s = &item->seeker;
	const char *education = s->education <= choice_lists[LIST_EDUCATION_CLASSES].n
				    ? choice_code(LIST_EDUCATION_CLASSES, s->education - 1)
				    : NULL;
	char *begin = buf_room(b, ITEM_ROOM);
	char *to = put_position(begin, i, item->position);

	to = put_seeker_id(PUT(to, ",\"seeker\":\""), s->id);
	to = put_number(PUT(to, "\",\"district\":\""), s->place / 1000000);
	to = put_wishes(PUT(to, "\""), s);
	to = put_text(PUT(to, ",\"education\":"), education, education ? strlen(education) : 0);
	if (show_rank) {
		to = put_number(PUT(to, ",\"rank\":\"P"), s->rank % 10U);
		to = put_day(PUT(to, "\",\"waiting_since\":\""), s->waiting_since);
		*to++ = '"';
	} else {
		to = put_flag(PUT(to, ",\"priority\":"), rank_has_priority((enum rank)s->rank));
	}
	to = put_score(to, h, item->match, s, post);
	assert((size_t)(to - begin) <= ITEM_ROOM);
	buf_upto(b, to);
}

void codec_write_persons(struct buf *b, const struct match_head *h, const struct vacancy *post,
    const struct match_person *items, size_t n, bool show_rank)
{
	char *to = buf_room(b, 128);

	to = put_number(PUT(to, "{\"city\":\""), (uint64_t)h->city);
	to = put_number(PUT(to, "\",\"vacancy\":\""), post->id);
	buf_upto(b, PUT(to, "\""));
	put_head(b, h);
	for (size_t i = 0; i < n; i++)
		put_person(b, h, i, post, &items[i], show_rank);
	buf_put(b, "]}", 2);
}

void write_as_of(struct buf *b, const struct match_head *h)
{
	buf_key(b, "as_of");
	buf_putc(b, '{');
	write_day(b, "day", true, h->day);
	buf_key(b, "seq");
	buf_putu(b, h->seq);
	write_number(b, "age_ms", h->age_ms);
	write_text(b, "board", h->following ? "following" : "away");
	buf_putc(b, '}');
	write_text(b, "policy", h->policy);
}
