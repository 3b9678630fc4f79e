/*
 * One row as the object that the same record would be in JSON: each cell folded, then read by
 * what its column holds.
 */
#include "daemon/codec/cells.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/base/count.h"
#include "daemon/codec/cell_readers.h"
#include "daemon/codec/codec.h"
#include "daemon/flow/problem.h"
#include "daemon/sheet/fold.h"

#define THINGS_MAX 100 /* of one cell; more than any record may have */

static json_t *cell_flag(const struct cell_in *in)
{
	int place = choice_find_word(LIST_YES_NO, in->text);

	if (place < 0)
		return cell_is_absence(in->text) ? NULL : json_string(in->text);
	return json_boolean(place == YES_NO_TRUE);
}

/* By code, name or spelling, as it stands there (a name may have brackets of full width) or
 * folded; 高中以上 is 高中, and a template's "61 普通高中毕业" is 61. */
static int find_choice(const struct cell_in *in, enum code_list list, const char *raw)
{
	static const char *const tails[] = { "及以上", "或以上", "以上", "学历", "文化",
		"程度" };
	const char *as_is = fold_blanks(in->c->arena, raw);
	char *rest = arena_strdup(in->c->arena, fold(in->c->arena, raw));
	size_t n = strlen(rest), code = strcspn(rest, " ");
	int place = choice_find_word(list, as_is);

	if (place < 0)
		place = choice_find_word(list, rest);
	for (size_t i = 0; place < 0 && i < COUNT(tails); i++) {
		size_t tail = strlen(tails[i]);

		if (n > tail && strcmp(rest + n - tail, tails[i]) == 0) {
			rest[n -= tail] = '\0';
			place = choice_find_word(list, rest);
		}
	}
	if (place < 0 && code < n) {
		rest[code] = '\0';
		place = choice_find(list, rest);
	}
	return place;
}

static json_t *cell_choice(const struct cell_in *in)
{
	enum code_list list = in->column->row->list;
	int place = find_choice(in, list, in->raw);

	if (place >= 0)
		return json_string(choice_code(list, place));
	return cell_is_absence(in->text) ? NULL : json_string(in->text);
}

/* A word for several of a list at once. */
static const char *group_of(enum code_list list, const char *word)
{
	static const struct {
		enum code_list list;
		const char *word, *codes;
	} groups[] = {
		{ LIST_INSURANCES, "五险",
		    "pension|medical|unemployment|work_injury|maternity" },
		{ LIST_INSURANCES, "社保",
		    "pension|medical|unemployment|work_injury|maternity" },
		{ LIST_INSURANCES, "社会保险",
		    "pension|medical|unemployment|work_injury|maternity" },
		{ LIST_INSURANCES, "三险", "pension|medical|unemployment" },
		/* The fund (公积金) is no insurance. */
		{ LIST_INSURANCES, "五险一金",
		    "pension|medical|unemployment|work_injury|maternity" },
		{ LIST_INSURANCES, "三险一金", "pension|medical|unemployment" },
	};

	for (size_t i = 0; i < COUNT(groups); i++)
		if (groups[i].list == list && strcmp(groups[i].word, word) == 0)
			return groups[i].codes;
	return NULL;
}

static const char *without_tail(const struct cell_in *in, const char *word, const char *tail)
{
	size_t n = strlen(word), m = strlen(tail);

	return n > m && strcmp(word + n - m, tail) == 0
		   ? arena_strndup(in->c->arena, word, n - m)
		   : word;
}

static void append_words(json_t *list, const char *words)
{
	for (size_t n; *words; words += n + (words[n] == '|')) {
		n = strcspn(words, "|");
		json_array_append_new(list, json_stringn(words, n));
	}
}

static void append(const struct cell_in *in, json_t *list, const char *raw, const char *word)
{
	const struct column_row *row = in->column->row;
	const char *group = group_of(row->list, word);
	struct cell_in one = *in;
	int place;

	one.text = word;
	switch (row->as) {
	case AS_OCCUPATIONS:
		json_array_append_new(list, cell_occupation(&one));
		return;
	case AS_YEARS:
		one.text = without_tail(in, word, "年");
		json_array_append_new(list, cell_number(&one));
		return;
	case AS_SKILLS:
		json_array_append_new(list, cell_term(in, "skills", word));
		return;
	case AS_LICENCES:
		json_array_append_new(list, cell_term(in, "licences", word));
		return;
	default:
		break;
	}
	if (group) {
		append_words(list, group);
		return;
	}
	place = find_choice(in, row->list, raw);
	json_array_append_new(list,
	    json_string(place < 0 ? word : choice_code(row->list, place)));
}

/* "养老；医疗、工伤": words with a comma, semicolon, enumeration comma, bar or line end
 * between. */
static json_t *cell_list(const struct cell_in *in)
{
	static const char *const stops[] = { ";", ",", "、", "|", "\n" };
	char *rest = arena_strdup(in->c->arena, in->raw);
	json_t *list;

	if (cell_is_absence(in->text))
		return NULL;
	list = json_array();
	while (rest) {
		char *next = NULL;
		const char *word;

		for (char *at = rest; *at && !next; at++) {
			/* Of full width, before the word is folded. */
			static const char *const wide[] = { "；", "，", "｜" };

			for (size_t i = 0; i < COUNT(stops) && !next; i++)
				if (strncmp(at, stops[i], strlen(stops[i])) == 0)
					next = at + strlen(stops[i]);
			for (size_t i = 0; i < COUNT(wide) && !next; i++)
				if (strncmp(at, wide[i], strlen(wide[i])) == 0)
					next = at + strlen(wide[i]);
			if (next)
				*at = '\0';
		}
		word = fold(in->c->arena, rest);
		if (*word)
			append(in, list, rest, word);
		rest = next;
	}
	return list;
}

/* A text for people keeps its line ends; whether it may have any, its reader says. */
static json_t *cell_text(const struct cell_in *in)
{
	if (in->kind == CELL_NUMBER && cell_has_lost_digits(in))
		return cell_code(in);
	return json_string(fold_blanks(in->c->arena, in->raw));
}

static json_t *read_cell(const struct cell_in *in)
{
	switch (in->column->row->as) {
	case AS_TEXT:
		return cell_text(in);
	case AS_CODE:
	case AS_GROUP:
		return cell_code(in);
	case AS_NUMBER:
		return cell_number(in);
	case AS_MONTHS:
		return cell_months(in);
	case AS_FLAG:
		return cell_flag(in);
	case AS_PERIOD:
		return cell_period(in);
	case AS_DISTRICT:
		return cell_district(in);
	case AS_DAY:
		return cell_day(in);
	case AS_QUARTER:
		return cell_quarter(in);
	case AS_CHOICE:
		return cell_choice(in);
	case AS_CHOICES:
	case AS_YEARS:
	case AS_SKILLS:
	case AS_LICENCES:
	case AS_OCCUPATIONS:
		return cell_list(in);
	case AS_OCCUPATION:
		return cell_occupation(in);
	case AS_COMMUNITY:
		return cell_community(in);
	case AS_IGNORED:
	case AS_SHOWN:
	case AS_YUAN:
	case AS_PAY:
		break;
	}
	return NULL;
}

/* What stands in the tree then is wrong for its member, whichever that is. */
static json_t *bad_cell(const struct cell_in *in)
{
	return cell_refused(in, BROKEN_ERROR_CELL,
	    strcmp(in->raw, CELL_NEVER) == 0
		? "a formula with its value: open the file in a spreadsheet and save it"
		: "a value, not an error of the sheet");
}

/* The object that `outer` is, or its thing of that number when it is a list of them. */
static json_t *object_in(json_t *tree, const char *outer, int item)
{
	json_t *found = json_object_get(tree, outer);

	if (!found) {
		found = item < 0 ? json_object() : json_array();
		json_object_set_new(tree, outer, found);
	}
	if (item < 0)
		return found;
	while (json_array_size(found) <= (size_t)item)
		json_array_append_new(found, json_object());
	return json_array_get(found, (size_t)item);
}

/* "hukou.type" stands in the object `hukou`.  A thing that says nothing there is one all the
 * same. */
static void put_member(json_t *tree, const char *member, int item, json_t *value)
{
	size_t n = strcspn(member, ".");
	char outer[64];

	if (member[n]) {
		snprintf(outer, sizeof(outer), "%.*s", (int)n, member);
		tree = object_in(tree, outer, item);
		member += n + 1;
	}
	if (value)
		json_object_set_new(tree, member, value);
}

/* Notes beyond what there is room for are of nothing. */
static struct cell_note *next_note(struct cell_notes *notes, int item)
{
	static _Thread_local struct cell_note spare;
	struct cell_note *note = notes->n < COLUMNS_MAX ? &notes->at[notes->n] : &spare;

	note->column = NULL;
	note->item = item;
	return note;
}

static void keep_note(struct cell_notes *notes, const struct cell_note *note)
{
	notes->n += notes->n < COLUMNS_MAX && note->column;
}

/* Where the next of the things in a cell begins: behind a line end, or where there is none
 * behind a semicolon; NULL: this is the last.  `n`: as long it is. */
static const char *next_thing(const char *at, bool by_line, size_t *n)
{
	static const char *const stops[] = { ";", "；" };
	const char *line = strchr(at, '\n');

	if (by_line) {
		*n = line ? (size_t)(line - at) : strlen(at);
		return line ? line + 1 : NULL;
	}
	for (*n = 0; at[*n]; ++*n)
		for (size_t i = 0; i < COUNT(stops); i++)
			if (strncmp(at + *n, stops[i], strlen(stops[i])) == 0)
				return at + *n + strlen(stops[i]);
	return NULL;
}

static void put_things(const struct cell_in *cell, struct cell_notes *notes, json_t *tree)
{
	bool by_line = strchr(cell->raw, '\n') != NULL;
	const char *at = cell->raw, *next;

	for (int item = 0; at && item < THINGS_MAX; item++, at = next) {
		struct cell_in in = *cell;
		size_t n;
		json_t *value = NULL;

		next = next_thing(at, by_line, &n);
		if (!next && item && !*fold(in.c->arena, arena_strndup(in.c->arena, at, n)))
			return; /* behind the last stop */
		in.raw = arena_strndup(in.c->arena, at, n);
		in.text = fold(in.c->arena, in.raw);
		in.note = next_note(notes, item);
		if (*in.text && !cell_is_absence(in.text))
			value = read_cell(&in);
		put_member(tree, in.column->row->member, item, value);
		keep_note(notes, in.note);
	}
}

static void put_cell(const struct codec *c, const struct column *column,
    const struct cell *cell, struct cell_notes *notes, json_t *tree, bool is_of_pay)
{
	const struct column_row *row = column->row;
	int item = row->is_each ? 0 : -1;
	struct cell_in in = { c, column, cell->kind, cell->text, fold(c->arena, cell->text),
		next_note(notes, item) };
	json_t *value;

	if (cell->kind == CELL_EMPTY || columns_pass_over(row->as) || !*in.text ||
	    is_of_pay != (row->as == AS_PAY || row->as == AS_YUAN))
		return;
	if (row->is_each && cell->kind != CELL_BAD) {
		put_things(&in, notes, tree);
		return;
	}
	if (cell->kind == CELL_BAD)
		put_member(tree, row->member, item, bad_cell(&in));
	else if (is_of_pay)
		cell_pay(&in, tree);
	else if ((value = read_cell(&in)))
		put_member(tree, row->member, item, value);
	keep_note(notes, in.note);
}

/* A line with a reason in its cell `closed` closes one, and its other cells say nothing. */
static json_t *only_closed(json_t *tree)
{
	static const char *const which[] = { "employer", "quarter", "ref", "place" };
	json_t *one = json_object(), *why = json_object();

	for (size_t i = 0; i < COUNT(which); i++)
		if (json_object_get(tree, which[i]))
			json_object_set(one, which[i], json_object_get(tree, which[i]));
	json_object_set(why, "reason", json_object_get(tree, "closed"));
	if (json_object_get(tree, "filled_by"))
		json_object_set(why, "filled_by", json_object_get(tree, "filled_by"));
	json_object_set_new(one, "closed", why);
	json_decref(tree);
	return one;
}

/* The columns of pay last: what they say of its period is said by none before. */
json_t *cells_read(const struct codec *c, const struct columns *columns,
    const struct sheet_row *row, struct cell_notes *notes)
{
	json_t *tree = json_object();

	notes->n = 0;
	for (int of_pay = 0; of_pay < 2; of_pay++)
		for (size_t i = 0; i < columns->n && i < row->n; i++)
			if (columns->at[i].row)
				put_cell(c, &columns->at[i], &row->cells[i], notes, tree,
				    of_pay);
	return json_object_get(tree, "closed") ? only_closed(tree) : tree;
}
