/*
 * Reading the rows of the registers, and judging them.
 *
 * A row that cannot be right stops the build, with its line and what would be right: the
 * programs that are printed from it trust it.  Rows state members and bounds; there are no
 * expressions, no conditions and no inheritance, and what a register's law says of its
 * members stands in its function of config/schema, which this file does not know.  The
 * texts live as long as the program, which prints and ends.
 */
#include "daemon/tables/register_rows.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/count.h"
#include "daemon/base/oom.h"
#include "daemon/tables/tsv.h"

/* What every answer has beside the members, and what every body may have. */
static const char *const taken[] = { "as_of", "city", "cursor", "ended", "ended_on",
	"end_reason", "evidence", "history", "holds_from", "id", "items", "kid", "limit",
	"next", "officer", "on", "on_behalf", "on_behalf_of", "recorded_at", "sort", "state",
	"version" };

const char *const member_kinds[] = { [MEMBER_TEXT] = "text",
	[MEMBER_HEX] = "hex",
	[MEMBER_WHOLE] = "whole",
	[MEMBER_FLAG] = "flag",
	[MEMBER_DAY] = "day",
	[MEMBER_CHOICE] = "choice",
	[MEMBER_PLACE] = "place",
	[MEMBER_SEEKER] = "seeker",
	[MEMBER_OFFICER] = "officer",
	[MEMBER_EMPLOYER] = "employer",
	[MEMBER_UNIT] = "unit",
	[MEMBER_PERIOD] = "period",
	[MEMBER_ENTRY] = "entry" };

const char
    *const member_says[] = { [SAY_MUST] = "must", [SAY_MAY] = "may", [SAY_ONCE] = "once" };
static const char
    *const lists[] = { [LISTED_NOT] = "-", [LISTED_COLUMN] = "yes", [LISTED_SCOPE] = "scope" };

/* Where a word stands among others; -1: it does not. */
static int place_of(const char *word, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(words[i], word) == 0)
			return (int)i;
	return -1;
}

static bool is_name(const char *text, const char *allowed)
{
	return text[0] >= 'a' && text[0] <= 'z' && strspn(text, allowed) == strlen(text);
}

/* With underscores for hyphens. */
static const char *underscored(const char *name)
{
	char *copy = must_strdup(name);

	for (char *c = copy; *c; c++)
		if (*c == '-')
			*c = '_';
	return copy;
}

/* "1..60"; of a text also "6..18, no known area" */
static bool take_range(struct tsv *t, const char *text, struct registry_member *m)
{
	char *end;

	m->min = strtoll(text, &end, 10);
	if (end == text || strncmp(end, "..", 2) != 0)
		return tsv_refuse(t, "bounds are two numbers, as 1..60", text);
	text = end + 2;
	m->max = strtoll(text, &end, 10);
	m->not_an_area = m->kind == MEMBER_TEXT && strcmp(end, ", no known area") == 0;
	if (end == text || (*end && !m->not_an_area))
		return tsv_refuse(t, "bounds are two numbers, as 1..60", text);
	if (m->max < m->min)
		return tsv_refuse(t, "bounds are turned round; the lesser comes first",
		    t->field[3]);
	if (m->kind == MEMBER_TEXT && m->min < 0)
		return tsv_refuse(t, "a text has no less than 0 characters", t->field[3]);
	return true;
}

/* "-", ">= from", "<= today", ">= from, <= today" */
static bool take_day_bounds(struct tsv *t, const struct registry *r, struct registry_member *m)
{
	const char *text = t->field[3];
	const char *end = strstr(text, ", <= today");

	if (strcmp(text, "-") == 0)
		return true;
	m->not_to_come = strcmp(text, "<= today") == 0 || (end && !end[10]);
	if (strncmp(text, ">= ", 3) == 0) {
		size_t n = end ? (size_t)(end - text - 3) : strlen(text + 3);

		for (size_t i = 0; i < r->n; i++)
			if (strlen(r->members[i].name) == n &&
			    r->members[i].kind == MEMBER_DAY &&
			    memcmp(r->members[i].name, text + 3, n) == 0)
				m->after = r->members[i].name;
		return m->after || tsv_refuse(t, ">= names a day that stands above it", text);
	}
	return m->not_to_come ||
	       tsv_refuse(t,
		   "a day's bounds are -, >= MEMBER, <= today, or >= MEMBER, <= today", text);
}

/* "training-outcomes", "training-outcomes, else attending" */
static bool take_choices(struct tsv *t, const struct register_rows *rows,
    struct registry_member *m)
{
	char *list = must_strdup(t->field[3]), *otherwise = strstr(list, ", else ");

	if (otherwise) {
		*otherwise = '\0';
		m->otherwise = otherwise + strlen(", else ");
	}
	m->of = list;
	if (!choice_rows_list(&rows->choices, m->of, &(size_t){ 0 }))
		return tsv_refuse(t, "choices.tsv has no such list", m->of);
	return !m->otherwise || choice_rows_find(&rows->choices, m->of, m->otherwise) ||
	       tsv_refuse(t, "choices.tsv has no such code in that list", m->otherwise);
}

static bool take_kind(struct tsv *t, const struct register_rows *rows,
    struct registry_member *m)
{
	int kind = place_of(t->field[2], member_kinds, MEMBER_ENTRY);

	if (kind >= 0) {
		m->kind = (enum member_kind)kind;
		return true;
	}
	m->kind = MEMBER_ENTRY;
	m->of = t->field[2];
	for (size_t i = 0; i < rows->n; i++)
		if (strcmp(rows->registers[i].name, m->of) == 0 && rows->registers[i].plural)
			return true;
	return tsv_refuse(t,
	    "a kind is text, hex, whole, flag, day, choice, place, seeker, officer, employer, unit, "
	    "period, or a register that stands above",
	    m->of);
}

static bool take_bounds(struct tsv *t, const struct register_rows *rows,
    const struct registry *r, struct registry_member *m)
{
	static const char *const digits[] = { "4", "6", "9", "12" };

	switch (m->kind) {
	case MEMBER_TEXT:
	case MEMBER_WHOLE:
		return take_range(t, t->field[3], m);
	case MEMBER_HEX:
		m->min = strtoll(t->field[3], NULL, 10);
		return m->min > 0 ||
		       tsv_refuse(t, "hex has a number of digits, as 64", t->field[3]);
	case MEMBER_DAY:
		return take_day_bounds(t, r, m);
	case MEMBER_CHOICE:
		return take_choices(t, rows, m);
	case MEMBER_PLACE:
		m->min = strtoll(t->field[3], NULL, 10);
		return place_of(t->field[3], digits, COUNT(digits)) >= 0 ||
		       tsv_refuse(t, "a place has 4, 6, 9 or 12 digits", t->field[3]);
	case MEMBER_FLAG:
	case MEMBER_SEEKER:
	case MEMBER_OFFICER:
	case MEMBER_EMPLOYER:
	case MEMBER_UNIT:
	case MEMBER_PERIOD:
	case MEMBER_ENTRY:
		break;
	}
	return strcmp(t->field[3], "-") == 0 ||
	       tsv_refuse(t, "this kind has no bounds; write -", t->field[3]);
}

/* An option of the command line is one for all registers: a number, a flag or a text; and the
 * program's own option of that name (tests/unit/options_test.c). */
static bool is_otherwise_above(const struct register_rows *rows,
    const struct registry_member *m)
{
	for (size_t i = 0; i + 1 < rows->n; i++)
		for (size_t k = 0; k < rows->registers[i].n; k++) {
			const struct registry_member *other = &rows->members[i][k];

			if (strcmp(other->name, m->name) == 0 &&
			    ((other->kind == MEMBER_WHOLE) != (m->kind == MEMBER_WHOLE) ||
				(other->kind == MEMBER_FLAG) != (m->kind == MEMBER_FLAG)))
				return true;
		}
	return false;
}

/* What it is called, and when it must be stated. */
static bool take_member(struct tsv *t, struct register_rows *rows)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz_";
	struct registry *r = &rows->registers[rows->n - 1];
	struct registry_member m = { .name = t->field[1],
		.zh = t->field[6],
		.en = t->field[7] };
	int say = place_of(t->field[4], member_says, COUNT(member_says));
	int listed = place_of(t->field[5], lists, COUNT(lists));

	if (!is_name(m.name, letters))
		return tsv_refuse(t, "a member is of small letters and _", m.name);
	if (place_of(m.name, taken, COUNT(taken)) >= 0 || strcmp(m.name, r->id) == 0)
		return tsv_refuse(t,
		    "every register has this member already; take another name", m.name);
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->members[i].name, m.name) == 0)
			return tsv_refuse(t, "this register has that member above", m.name);
	if (say < 0)
		return tsv_refuse(t, "must, may or once", t->field[4]);
	if (listed < 0)
		return tsv_refuse(t, "list is -, yes or scope", t->field[5]);
	if (!m.zh[0] || !m.en[0])
		return tsv_refuse(t, "a member has a name in zh and in en", m.name);
	if (strpbrk(m.zh, "\"'\\") || strpbrk(m.en, "\"'\\"))
		return tsv_refuse(t, "a name has no quotes and no backslash", m.name);
	m.say = (enum member_say)say;
	m.listed = (enum member_list)listed;
	if (strpbrk(t->field[8], "\"\\"))
		return tsv_refuse(t, "an example has no quotes and no backslash", m.name);
	m.example = strcmp(t->field[8], "-") == 0 ? NULL : t->field[8];
	if (!take_kind(t, rows, &m) || !take_bounds(t, rows, r, &m))
		return false;
	if (m.listed == LISTED_SCOPE && m.kind != MEMBER_PLACE && m.kind != MEMBER_SEEKER &&
	    m.kind != MEMBER_UNIT)
		return tsv_refuse(t, "scope is of a place, a seeker or a unit", t->field[2]);
	if (m.listed == LISTED_SCOPE && m.say == SAY_MAY)
		return tsv_refuse(t, "who may see an entry must be stated: must or once",
		    t->field[4]);
	if (is_otherwise_above(rows, &m))
		return tsv_refuse(t,
		    "another register has this name for a number or a flag; take another name",
		    m.name);
	if (r->n == MEMBERS_MAX)
		return tsv_refuse(t, "a register has 24 members at most", m.name);
	rows->members[rows->n - 1][r->n++] = m;
	return true;
}

/* How it ends: the last of its rows. */
static bool take_end(struct tsv *t, struct register_rows *rows)
{
	struct registry *r = &rows->registers[rows->n - 1];
	bool is_text = t->field[3][0] >= '0' && t->field[3][0] <= '9';

	r->ends = t->field[2];
	r->reason = (struct registry_member){ .name = t->field[1],
		.zh = t->field[6],
		.en = t->field[7],
		.kind = is_text ? MEMBER_TEXT : MEMBER_CHOICE };
	if (strcmp(r->reason.name, "reason") != 0)
		return tsv_refuse(t, "the member of an end is called reason", r->reason.name);
	return take_bounds(t, rows, r, &r->reason);
}

/* Of the register whose rows are over. */
static bool finish(struct tsv *t, const struct register_rows *rows)
{
	const struct registry *r = &rows->registers[rows->n ? rows->n - 1 : 0];
	int scopes = 0;

	if (!rows->n || !r->plural)
		return true;
	for (size_t i = 0; i < r->n; i++)
		scopes += r->members[i].listed == LISTED_SCOPE;
	if (scopes != 1)
		return tsv_refuse(t, "a register before this row has not one member of scope",
		    r->name);
	return r->ends ||
	       tsv_refuse(t, "a register before this row does not say how it ends", r->name);
}

static bool take_register(struct tsv *t, struct register_rows *rows)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz-";
	bool is_part = strcmp(t->field[2], "part") == 0;
	struct registry *r = &rows->registers[rows->n];

	if (!is_part && strcmp(t->field[2], "register") != 0)
		return tsv_refuse(t, "a first row is a register or a part", t->field[2]);
	if (!finish(t, rows))
		return false;
	if (!is_name(t->field[0], letters) || (!is_part && !is_name(t->field[3], letters)))
		return tsv_refuse(t, "a register and its plural are of small letters and -",
		    t->field[is_name(t->field[0], letters) ? 3 : 0]);
	for (size_t i = 0; i < rows->n; i++)
		if (strcmp(rows->registers[i].name, t->field[0]) == 0 ||
		    (!is_part && rows->registers[i].plural &&
			strcmp(rows->registers[i].plural, t->field[3]) == 0))
			return tsv_refuse(t, "there is such a register above", t->field[0]);
	if (strcmp(t->field[4], "-") != 0 && strcmp(t->field[4], "papers") != 0)
		return tsv_refuse(t, "a register says papers when no entry is without, or -",
		    t->field[4]);
	if (place_of(t->field[0], member_kinds, MEMBER_ENTRY) >= 0)
		return tsv_refuse(t, "a register is not named as a kind is", t->field[0]);
	if (rows->n == REGISTERS_MAX)
		return tsv_refuse(t, "there are 40 registers at most", t->field[0]);
	*r = (struct registry){ .name = t->field[0],
		.id = underscored(t->field[0]),
		.plural = is_part ? NULL : t->field[3],
		.zh = t->field[6],
		.en = t->field[7],
		.members = rows->members[rows->n],
		.needs_papers = strcmp(t->field[4], "papers") == 0 };
	rows->n++;
	return true;
}

static bool take_row(struct tsv *t, struct register_rows *rows)
{
	const struct registry *r = rows->n ? &rows->registers[rows->n - 1] : NULL;

	if (strcmp(t->field[1], "-") == 0)
		return take_register(t, rows);
	if (!r || strcmp(r->name, t->field[0]) != 0)
		return tsv_refuse(t, "a register begins with a row whose member is -",
		    t->field[0]);
	if (r->ends)
		return tsv_refuse(t, "how a register ends is the last of its rows",
		    t->field[1]);
	if (strcmp(t->field[2], "end") == 0 || strcmp(t->field[2], "void") == 0)
		return take_end(t, rows);
	return take_member(t, rows);
}

const struct register_rows *register_rows_read(const char *data_dir)
{
	static struct register_rows rows;
	struct tsv t;

	memset(&rows, 0, sizeof(rows));
	if (!choice_rows_read(&rows.choices, data_dir) ||
	    !tsv_open(&t, data_dir, "registers.tsv",
		"register\tmember\tkind\tbounds\tsay\tlist\tzh\ten\texample"))
		return NULL;
	rows.text = t.text;
	while (tsv_next(&t))
		if (!take_row(&t, &rows))
			return NULL;
	return !t.is_broken && finish(&t, &rows) ? &rows : NULL;
}
