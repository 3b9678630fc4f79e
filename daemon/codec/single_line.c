/*
 * Lines that do not come inside a whole return: one patched, or one of a file.
 *
 * A line of a file says whose it is and of which quarter; which district it is
 * filed to follows from its place.  What is kept as filed is the line alone, so
 * that it equals the same line filed in a return.
 */
#include "daemon/codec/single_line.h"

#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/base/count.h"
#include "daemon/codec/json.h"
#include "daemon/codec/line.h"
#include "daemon/codec/read_codes.h"
#include "daemon/codec/rows.h"
#include "daemon/codec/writers.h"
#include "matcher/codes.h"

/* RFC 7396: null takes a member away, an object is merged, all else replaces. */
static void merge(json_t *into, const json_t *patch)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)patch, name, value)
	{
		json_t *there = json_object_get(into, name);

		if (json_is_null(value))
			json_object_del(into, name);
		else if (json_is_object(value) && json_is_object(there))
			merge(there, value);
		else
			json_object_set(into, name, value);
	}
}

/* An amount is by its period: under another it would say what nobody has said
 * (rules/pay-comparison). */
static void drop_amounts_of_old_period(json_t *line, const json_t *patch)
{
	const json_t *period = json_object_get(patch, "pay_period");

	if (!period || json_equal(period, json_object_get(line, "pay_period")))
		return;
	json_object_del(line, "pay_min_fen");
	json_object_del(line, "pay_max_fen");
}

static void read_why_closed(const struct field *closed, struct buf *b)
{
	static const char *const members[] = { "reason", "filled_by" };

	buf_putc(b, '{');
	if (read_object(closed)) {
		field_only(closed, members, COUNT(members));
		take_closing(closed, b);
	}
	buf_putc(b, '}');
}

static const char *read_patched_closing(const struct field *top, const struct field *closed)
{
	static const char *const alone[] = { "closed" };
	struct buf b = { 0 };

	field_only(top, alone, COUNT(alone));
	read_why_closed(closed, &b);
	return buf_to_arena(top->codec->arena, &b);
}

enum read_result codec_read_line_patch(const struct codec *c, const char *body, size_t len,
    const char *district, const char *stands, const char *contact, struct patched_line *out)
{
	json_t *patch = json_read(c, body, len, CODEC_BODY_MAX);
	json_t *answer, *line;

	*out = (struct patched_line){ 0 };
	if (!patch)
		return READ_MALFORMED;

	struct field top = field_top(c, patch);
	struct field closed = field_member(&top, "closed");

	if (closed.value) {
		out->closing = read_patched_closing(&top, &closed);
		json_decref(patch);
		return c->faults->n ? READ_INVALID : READ_OK;
	}
	answer = json_loads(stands, 0, NULL);
	line = json_object_get(answer, "line");
	if (contact)
		json_object_set_new(line, "interview_contact", json_string(contact));

	struct field ref = field_member(&top, "ref");
	json_t *own = json_object_get(line, "ref");
	const char *named;

	(void)read_name(&ref, 1, REF_MAX, &named);
	if (ref.value && !json_equal(ref.value, own))
		field_fault(&ref, BROKEN_CHOICE, NULL, "the ref of the path, or none");
	else
		json_object_del(patch, "ref");
	drop_amounts_of_old_period(line, patch);
	merge(line, patch);

	struct field merged = field_top(c, line);

	read_line(&merged, district, &out->line);
	json_decref(answer);
	json_decref(patch);
	return c->faults->n ? READ_INVALID : READ_OK;
}

static void take_quarter(const struct field *s, const char **out)
{
	const char *text;
	int year, quarter;

	if (!read_raw(s, &text))
		return;
	if (quarter_parse(text, &year, &quarter) != CODE_OK || year == 0)
		field_fault(s, BROKEN_FORMAT, NULL, "a quarter, as 2007Q2");
	else
		*out = arena_strdup(s->codec->arena, text);
}

/* A line of a file that only closes one: which, where, and why. */
static void read_closed_line(const struct field *top, const struct field *closed,
    struct filed_line *out)
{
	static const char *const members[] = { "ref", "place", "closed" };
	struct field ref = field_required(top, "ref");
	struct field place = field_required(top, "place");
	struct buf b = { 0 };
	place_t where = 0;

	read_name(&ref, 1, REF_MAX, &out->ref);
	read_place(&place, 12, &where, &out->place);
	field_only(top, members, COUNT(members));
	write_text(&b, "ref", out->ref);
	buf_key(&b, "closing");
	read_why_closed(closed, &b);
	out->members = buf_to_arena(top->codec->arena, &b);
}

static enum read_result read_single_line(const struct codec *c, json_t *tree,
    const char *employer, struct single_line *out)
{
	struct field top = field_top(c, tree);
	struct field whose =
	    employer ? field_member(&top, "employer") : field_required(&top, "employer");
	struct field quarter = field_required(&top, "quarter");
	struct field closed = field_member(&top, "closed");

	*out = (struct single_line){ .employer = employer };
	read_employer(&whose, &out->employer);
	take_quarter(&quarter, &out->quarter);
	json_object_del(tree, "employer");
	json_object_del(tree, "quarter");
	if (closed.value)
		read_closed_line(&top, &closed, &out->line);
	else
		read_line(&top, NULL, &out->line);
	if (out->line.place)
		memcpy(out->district, out->line.place, sizeof(out->district) - 1);
	return c->faults->n ? READ_INVALID : READ_OK;
}

enum read_result codec_read_single_line(const struct codec *c, const struct rows *rows,
    const char *employer, struct single_line *out)
{
	json_t *tree = rows_record(rows);
	enum read_result result = read_single_line(c, tree, employer, out);

	json_decref(tree);
	return rows_explain(rows, c, result);
}

void codec_write_single_line(struct buf *list, size_t n, const struct single_line *l,
    const char *sealed, const char *contact_key)
{
	buf_comma(list);
	buf_putc(list, '{');
	write_number(list, "n", (int64_t)n);
	write_text(list, "employer", l->employer);
	write_text(list, "district", l->district);
	write_text(list, "quarter", l->quarter);
	buf_comma(list);
	buf_puts(list, l->line.members);
	if (sealed) {
		write_text(list, "contact", sealed);
		write_text(list, "contact_key", contact_key);
	}
	buf_putc(list, '}');
}
