/*
 * Members that go through a body unchanged but for their coding: one function a
 * kind of value, which reads it and writes it.
 *
 * A body knows its members and what holds between them; this file knows only that
 * what is absent is written as null.
 */
#include "daemon/codec/members.h"

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/codec/read_codes.h"
#include "daemon/codec/seeker.h"
#include "daemon/codec/writers.h"

bool take_text(struct field s, size_t min, size_t max, struct buf *b)
{
	const char *text = NULL;
	bool is_there = read_text(&s, min, max, &text);

	write_text(b, s.key, text);
	return is_there;
}

bool take_whole(struct field s, int64_t min, int64_t max, struct buf *b)
{
	int64_t n = 0;
	bool is_there = read_whole(&s, min, max, &n);

	if (is_there)
		write_number(b, s.key, n);
	else
		write_text(b, s.key, NULL);
	return is_there;
}

bool take_flag(struct field s, struct buf *b)
{
	bool yes = false;
	bool is_there = read_flag(&s, &yes);

	write_flag(b, s.key, yes);
	return is_there;
}

bool take_day(struct field s, day_t min, day_t max, struct buf *b)
{
	day_t day = 0;
	bool is_there = read_day(&s, min, max, &day);

	write_day(b, s.key, is_there, day);
	return is_there;
}

void take_days(const struct field *from, day_t from_max, const struct field *to, day_t to_max,
    struct buf *b)
{
	day_t first = 0, last = 0;
	bool has_first = read_day(from, FIRST_DAY, from_max, &first);
	bool has_last = read_day(to, FIRST_DAY, to_max, &last);

	if (has_first && has_last && last < first)
		field_fault(to, BROKEN_ORDER, NULL,
		    arena_printf(to->codec->arena, "not before %s", from->key));
	write_day(b, from->key, has_first, first);
	write_day(b, to->key, has_last, last);
}

bool take_choice(struct field s, enum code_list of, struct buf *b)
{
	int which = -1;
	bool is_there = read_choice(&s, of, &which);

	write_text(b, s.key, choice_code(of, which));
	return is_there;
}

bool take_place(struct field s, int digits, struct buf *b)
{
	const char *text = NULL;
	place_t place = 0;
	bool is_there = read_place(&s, digits, &place, &text);

	write_text(b, s.key, text);
	return is_there;
}

static bool take_id(const struct field *s, bool (*read)(const struct field *, const char **),
    struct buf *b)
{
	const char *text = NULL;
	bool is_there = read(s, &text);

	write_text(b, s->key, text);
	return is_there;
}

bool take_seeker_id(struct field s, struct buf *b)
{
	return take_id(&s, read_seeker_id, b);
}

static const char *const number[] = { "citizen_number" };

bool names_by_number(const struct field *in)
{
	return in->codec->blind && json_object_get(in->value, number[0]);
}

void take_number(const struct field *in, struct buf *b)
{
	const struct codec *c = in->codec;
	char citizen[19];

	read_citizen(in, citizen);
	if (citizen[0])
		write_text(b, "blind", c->blind(c->blind_arg, citizen));
	field_read_only(in, number, 1);
}

void take_seeker(const struct field *in, struct buf *b)
{
	bool by_number = names_by_number(in);
	struct field seeker =
	    by_number ? field_member(in, "seeker") : field_required(in, "seeker");

	if (by_number && seeker.value)
		field_fault(&seeker, BROKEN_TOGETHER, NULL,
		    "seeker or citizen_number, not both");
	if (by_number)
		take_number(in, b);
	else
		take_seeker_id(seeker, b);
}

bool take_decimal_id(struct field s, struct buf *b)
{
	return take_id(&s, read_decimal_id, b);
}

bool take_employer(struct field s, struct buf *b)
{
	return take_id(&s, read_employer, b);
}

bool take_object(struct field s, body_shape *shape, struct buf *b)
{
	bool is_there = read_object(&s);

	buf_key(b, s.key);
	if (is_there) {
		buf_putc(b, '{');
		shape(&s, b);
		buf_putc(b, '}');
	} else {
		buf_puts(b, "null");
	}
	return is_there;
}

/* A list whose entries are objects of a shape, or values that `put` writes. */
static bool take_entries(const struct field *s, size_t min, size_t max, bool are_objects,
    body_shape *put, struct buf *b)
{
	size_t n = 0;
	bool is_there = read_list(s, min, max, &n);

	buf_key(b, s->key);
	buf_putc(b, '[');
	for (size_t i = 0; i < n; i++) {
		struct field entry = field_item(s, i);

		if (are_objects && !read_object(&entry))
			continue;
		buf_comma(b);
		if (are_objects)
			buf_putc(b, '{');
		put(&entry, b);
		if (are_objects)
			buf_putc(b, '}');
	}
	buf_putc(b, ']');
	return is_there;
}

bool take_values(struct field s, size_t min, size_t max, body_shape *put, struct buf *b)
{
	return take_entries(&s, min, max, false, put, b);
}

bool take_list(struct field s, size_t min, size_t max, body_shape *shape, struct buf *b)
{
	return take_entries(&s, min, max, true, shape, b);
}
