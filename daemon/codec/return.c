/*
 * A vacancy return (rules/quarterly-return): read whole, every bad line listed, then
 * written coded.
 *
 * It owns the header and what holds between lines: a ref names one vacancy,
 * a nil return has no lines (rules/nil-return).  The lines themselves are line.c's.
 */
#include "daemon/codec/return.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/base/count.h"
#include "daemon/codec/json.h"
#include "daemon/codec/line.h"
#include "daemon/codec/read.h"
#include "daemon/codec/return_rows.h"
#include "daemon/codec/writers.h"

#define STAFF_MAX  10000000
#define CLOSED_MAX 1000

/* rules/closing: who filled it, if anybody did. */
bool take_closing(const struct field *closing, struct buf *b)
{
	struct field why = field_required(closing, "reason");
	struct field who = field_member(closing, "filled_by");
	const char *by = NULL;
	int reason = -1;

	read_text(&who, 1, 60, &by);
	if (!read_choice(&why, LIST_CLOSING_REASONS, &reason))
		return false;
	if (who.value && reason != CLOSING_REASONS_FILLED_BUREAU &&
	    reason != CLOSING_REASONS_FILLED_AGENCY)
		field_fault(&who, BROKEN_TOGETHER, NULL,
		    "only with filled_bureau and filled_agency: which one it was");
	write_text(b, "reason", choice_code(LIST_CLOSING_REASONS, reason));
	if (by)
		write_text(b, "filled_by", by);
	return true;
}

static const char *read_closed(const struct field *list, const char **refs, size_t *n)
{
	static const char *const members[] = { "ref", "reason", "filled_by" };
	struct buf b = { 0 };
	size_t entries = 0;

	read_list(list, 0, CLOSED_MAX, &entries);
	buf_putc(&b, '[');
	for (size_t i = 0; i < entries; i++) {
		struct field entry = field_item(list, i);
		const char *ref = NULL;

		refs[i] = NULL;
		if (!read_object(&entry))
			continue;

		struct field which = field_required(&entry, "ref");

		field_only(&entry, members, COUNT(members));
		if (read_name(&which, 1, REF_MAX, &ref))
			refs[i] = ref;
		buf_comma(&b);
		buf_putc(&b, '{');
		write_text(&b, "ref", ref);
		take_closing(&entry, &b);
		buf_putc(&b, '}');
	}
	buf_putc(&b, ']');
	*n = entries;
	return buf_to_arena(list->codec->arena, &b);
}

struct named_reason {
	const char *ref;
	size_t at; /* lines first, then closed */
};

static int by_ref(const void *x, const void *y)
{
	const struct named_reason *a = x;
	const struct named_reason *b = y;
	int order = strcmp(a->ref, b->ref);

	return order ? order : (a->at > b->at) - (a->at < b->at);
}

/* A ref names one vacancy of the return, whether it stands in a line or is closed. */
static void refuse_duplicate_refs(const struct field *lines, const struct filed_return *r,
    const struct field *closed, const char *const *closed_refs, size_t n_closed)
{
	struct arena *a = lines->codec->arena;
	struct named_reason *all = arena_alloc(a, (r->n_lines + n_closed + 1) * sizeof(*all));
	size_t n = 0;

	for (size_t i = 0; i < r->n_lines; i++) {
		if (r->lines[i].ref)
			all[n++] = (struct named_reason){ r->lines[i].ref, i };
	}
	for (size_t i = 0; i < n_closed; i++) {
		if (closed_refs[i])
			all[n++] = (struct named_reason){ closed_refs[i], r->n_lines + i };
	}
	qsort(all, n, sizeof(*all), by_ref);
	for (size_t i = 1; i < n; i++) {
		if (strcmp(all[i - 1].ref, all[i].ref) != 0)
			continue;

		bool in_lines = all[i].at < r->n_lines;
		struct field entry = in_lines ? field_item(lines, all[i].at)
					      : field_item(closed, all[i].at - r->n_lines);
		struct field ref = field_member(&entry, "ref");

		field_fault(&ref, BROKEN_DUPLICATE_REF, NULL, "a ref that stands once");
	}
}

/* `lines` are read already when they came in a file. */
static void read_lines_of(const struct field *lines, const struct return_path *path,
    struct filed_return *out)
{
	if (out->rows)
		return;
	out->lines = arena_alloc(lines->codec->arena, (out->n_lines + 1) * sizeof(*out->lines));
	for (size_t i = 0; i < out->n_lines; i++) {
		struct field line = field_item(lines, i);

		read_line(&line, path->district, &out->lines[i]);
	}
}

enum read_result codec_read_return(const struct codec *c, const char *body, size_t len,
    const struct return_path *path, const char *dir, struct filed_return *out)
{
	static const char *const members[] = { "nil", "staff", "contact", "telephone", "lines",
		"closed" };
	static const char *const read_only[] = { "employer", "district", "quarter", "version",
		"current", "state", "received_at", "due", "as_of", "vacancies", "receipt",
		"employer_name", "code_recognised" };
	json_t *tree = json_read(c, body, len, CODEC_RETURN_MAX);
	struct buf canonical = { 0 };
	const char **closed_refs;
	size_t n_closed = 0;

	*out = (struct filed_return){ 0 };
	if (!tree)
		return READ_MALFORMED;

	struct field top = field_top(c, tree);

	return_rows_read(&top, path, dir, tree, out);

	struct field nil = field_required(&top, "nil");
	struct field staff = field_member(&top, "staff");
	struct field contact = field_sealed(field_member(&top, "contact"));
	struct field telephone = field_sealed(field_member(&top, "telephone"));
	struct field lines = field_member(&top, "lines");
	struct field closed = field_member(&top, "closed");
	bool said_nil = read_flag(&nil, &out->nil);

	out->has_staff = read_whole(&staff, 0, STAFF_MAX, &out->staff);
	read_text(&contact, 1, 60, &out->contact);
	read_text(&telephone, 5, 30, &out->telephone);
	field_read_only(&top, read_only, COUNT(read_only));
	field_only(&top, members, COUNT(members));
	if (read_list(&lines, 0, RETURN_LINES_MAX, &out->n_lines) || !lines.value) {
		if (said_nil && out->nil && out->n_lines)
			field_fault(&lines, BROKEN_NIL_WITH_LINES, NULL, "no lines");
		if (said_nil && !out->nil && !out->n_lines)
			field_fault(&lines, BROKEN_NO_LINES, NULL, "1 to 200 lines");
	}
	read_lines_of(&lines, path, out);
	closed_refs = arena_alloc(c->arena, (CLOSED_MAX + 1) * sizeof(*closed_refs));
	out->closed = read_closed(&closed, closed_refs, &n_closed);
	refuse_duplicate_refs(&lines, out, &closed, closed_refs, n_closed);
	/* Whether it may be left out the ledger knows; it is told with the others. */
	if (!staff.value && c->faults->n)
		(void)field_required(&top, "staff");
	if (out->rows)
		return_rows_explain(out->rows, c->faults);
	field_drop_nulls(tree);
	write_tree(&canonical, tree, JSON_SORT_KEYS);
	out->canonical = buf_to_arena(c->arena, &canonical);
	json_decref(tree);
	return c->faults->n ? READ_INVALID : READ_OK;
}

const char *codec_write_return(struct arena *a, const struct filed_return *r,
    const struct sealed_contact *sealed)
{
	struct buf b = { 0 };

	buf_putc(&b, '{');
	write_flag(&b, "nil", r->nil);
	if (r->has_staff)
		write_number(&b, "staff", r->staff);
	else
		write_text(&b, "staff", NULL);
	buf_key(&b, "lines");
	buf_putc(&b, '[');
	for (size_t i = 0; i < r->n_lines; i++) {
		buf_comma(&b);
		buf_putc(&b, '{');
		buf_puts(&b, r->lines[i].members);
		write_text(&b, "contact", sealed[i].hex);
		write_text(&b, "contact_key", sealed[i].key);
		buf_putc(&b, '}');
	}
	buf_putc(&b, ']');
	buf_key(&b, "closed");
	buf_puts(&b, r->closed);
	buf_putc(&b, '}');
	return buf_to_arena(a, &b);
}
