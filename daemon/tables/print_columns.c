/*
 * The columns that a file people send may have, printed for C: those of columns.tsv, and those
 * of each register, which are its members in registers.tsv with what columns.tsv says of all
 * registers.
 *
 * A heading means one column of its kind.  What lists call a member (members.tsv) is a heading
 * too, so that what goes out can come in.  How a cell is read and which list it is of are names
 * for the compiler, which knows them.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/count.h"
#include "daemon/tables/print.h"
#include "daemon/tables/register_rows.h"
#include "daemon/tables/tsv.h"

#define REGISTER "register" /* the kind whose rows every register has */

enum { ROWS_MAX = 1000, HEADERS_MAX = 1500, WORDS_MAX = 2000 };

struct column {
	char kind[40], member[64], cell[24], list[40], headers[HEADERS_MAX];
	bool is_each;
};

static struct column rows[ROWS_MAX];
static size_t n_rows;
static struct {
	const char *name, *zh;
} words[WORDS_MAX];
static size_t n_words;

static bool is_word(const char *s)
{
	return *s && s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_.-[]")] == '\0';
}

static bool refuse(const char *what, const char *kind, const char *word)
{
	fprintf(stderr, "columns of %s: %s: %s\n", kind, what, word);
	return false;
}

/* Another column of the kind that a heading means. */
static const struct column *other(const struct column *c, const char *word, size_t n)
{
	for (size_t i = 0; i < n_rows; i++)
		if (&rows[i] != c && strcmp(rows[i].kind, c->kind) == 0 &&
		    (tsv_has_word(rows[i].headers, word, n) ||
			(*rows[i].member != '-' && tsv_has_word(rows[i].member, word, n))))
			return &rows[i];
	return NULL;
}

static bool judge(const struct column *c)
{
	const char *at = c->headers;

	if (!is_word(c->kind) || !is_word(c->member) || !is_word(c->cell))
		return refuse("a plain word is expected", c->kind, c->member);
	if (!*at)
		return refuse("a text is empty; every one is read by somebody", c->kind,
		    c->member);
	for (size_t len; *at; at += len + (at[len] == '|')) {
		len = strcspn(at, "|");
		if (other(c, at, len))
			return refuse("two have this word; leave it to one of them", c->kind,
			    at);
	}
	return true;
}

/* "experience[].months" is a column of each thing of a list. */
static bool add(const char *kind, const char *member, const char *cell, const char *list,
    const char *headers)
{
	struct column *c = &rows[n_rows];
	const char *each = strstr(member, "[]");
	size_t n = strlen(member);

	if (n_rows == ROWS_MAX || strlen(headers) >= HEADERS_MAX || n >= sizeof(c->member))
		return refuse("too many", kind, member);
	snprintf(c->kind, sizeof(c->kind), "%s", kind);
	snprintf(c->cell, sizeof(c->cell), "%s", cell);
	snprintf(c->list, sizeof(c->list), "%s", list);
	snprintf(c->headers, sizeof(c->headers), "%s", headers);
	c->is_each = each != NULL;
	snprintf(c->member, sizeof(c->member), "%.*s%s",
	    (int)(each ? (size_t)(each - member) : n), member, each ? each + 2 : "");
	n_rows++;
	return true;
}

static const char *cell_of(const struct registry_member *m)
{
	switch (m->kind) {
	case MEMBER_TEXT:
		return "text";
	case MEMBER_WHOLE:
		return "number";
	case MEMBER_FLAG:
		return "flag";
	case MEMBER_DAY:
		return "day";
	case MEMBER_CHOICE:
		return "choice";
	case MEMBER_PLACE:
		return m->min == 12 ? "community" : "district";
	case MEMBER_PERIOD:
		return "period";
	case MEMBER_HEX:
	case MEMBER_SEEKER:
	case MEMBER_OFFICER:
	case MEMBER_EMPLOYER:
	case MEMBER_UNIT:
	case MEMBER_ENTRY:
		break;
	}
	return "code";
}

static bool add_members(const char *kind, const struct registry *r, const char *above)
{
	char member[64];

	for (size_t i = 0; i < r->n; i++) {
		const struct registry_member *m = &r->members[i];

		snprintf(member, sizeof(member), "%s%s", above, m->name);
		if (!add(kind, member, cell_of(m), m->kind == MEMBER_CHOICE ? m->of : "",
			m->zh))
			return false;
	}
	return true;
}

static bool has_seeker(const struct registry *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->members[i].kind == MEMBER_SEEKER)
			return true;
	return false;
}

/* Who it is about first, then its members, then what is the same for all registers. */
static bool add_register(const struct registry *r, const struct registry *evidence,
    size_t common)
{
	char headers[HEADERS_MAX];

	for (int rest = 0; rest < 2; rest++) {
		for (size_t i = 0; i < common; i++) {
			const struct column *c = &rows[i];
			bool is_number = strcmp(c->member, "citizen_number") == 0;

			if (strcmp(c->kind, REGISTER) != 0 || is_number == (rest == 1) ||
			    (is_number && !has_seeker(r)))
				continue;
			/* A list has its number first. */
			snprintf(headers, sizeof(headers), "%s%s%s",
			    strcmp(c->cell, "shown") == 0 ? r->id : "",
			    strcmp(c->cell, "shown") == 0 ? "|" : "", c->headers);
			if (!add(r->plural, c->member, c->cell, c->list, headers))
				return false;
		}
		if (rest == 0 && (!add_members(r->plural, r, "") ||
				     !add_members(r->plural, evidence, "evidence[].")))
			return false;
	}
	return true;
}

static const char *word_of(const char *kind, const char *name,
    const struct register_rows *tables)
{
	for (size_t i = 0; i < tables->n; i++) {
		const struct registry *r = &tables->registers[i];

		if (!r->plural || strcmp(r->plural, kind) != 0)
			continue;
		if (strcmp(r->id, name) == 0)
			return r->zh;
		for (size_t k = 0; k < r->n; k++)
			if (strcmp(r->members[k].name, name) == 0)
				return r->members[k].zh;
	}
	for (size_t i = 0; i < n_words; i++)
		if (strcmp(words[i].name, name) == 0)
			return words[i].zh;
	return name;
}

/* Without what does not count in a heading. */
static void put_folded(char *to, size_t room, const char *word)
{
	static const char *const dropped[] = { " ", "（", "）", "(", ")" };

	while (*word) {
		size_t skip = 0, n = strlen(to);

		for (size_t i = 0; i < COUNT(dropped) && !skip; i++)
			if (strncmp(word, dropped[i], strlen(dropped[i])) == 0)
				skip = strlen(dropped[i]);
		if (!skip && n + 1 < room) {
			to[n] = *word;
			to[n + 1] = '\0';
		}
		word += skip ? skip : 1;
	}
}

/* What a list has above the member: 登记地/社区, of registered/community. */
static void heading_of(const char *kind, const char *path, const struct register_rows *tables,
    char *out, size_t room)
{
	char parts[256], *rest = NULL;

	*out = '\0';
	snprintf(parts, sizeof(parts), "%s", path);
	for (char *part = strtok_r(parts, "./", &rest); part;
	     part = strtok_r(NULL, "./", &rest)) {
		if (*out)
			put_folded(out, room, "/");
		put_folded(out, room, word_of(kind, part, tables));
	}
}

/* The heading of lists, where nothing else of the kind is called so. */
static void add_heading(struct column *c, const char *path, const struct register_rows *tables)
{
	char heading[256];
	size_t n = strlen(c->headers);

	heading_of(c->kind, path, tables, heading, sizeof(heading));
	if (!other(c, heading, strlen(heading)) &&
	    !tsv_has_word(c->headers, heading, strlen(heading)))
		snprintf(c->headers + n, sizeof(c->headers) - n, "|%s", heading);
}

static void add_headings(struct column *c, const struct register_rows *tables)
{
	char paths[HEADERS_MAX], *rest = NULL;

	if (strcmp(c->cell, "shown") != 0) {
		/* `on` is just any day there. */
		if (*c->member != '-' && !c->is_each && strcmp(c->cell, "yuan") != 0 &&
		    strcmp(c->member, "on") != 0)
			add_heading(c, c->member, tables);
		return;
	}
	snprintf(paths, sizeof(paths), "%s", c->headers);
	for (char *path = strtok_r(paths, "|", &rest); path; path = strtok_r(NULL, "|", &rest))
		add_heading(c, path, tables);
}

static bool read_words(const char *data_dir)
{
	struct tsv t;

	if (!tsv_open(&t, data_dir, "members.tsv", "member\tzh"))
		return false;
	while (tsv_next(&t) && n_words < WORDS_MAX) {
		words[n_words].name = t.field[0];
		words[n_words++].zh = t.field[1];
	}
	return !t.is_broken; /* its text stays: the words point into it */
}

static bool read_columns(const char *data_dir)
{
	struct tsv t;

	if (!tsv_open(&t, data_dir, "columns.tsv", "kind\tmember\tcell\tlist\theaders"))
		return false;
	while (tsv_next(&t) && !t.is_broken)
		if (!add(t.field[0], t.field[1], t.field[2], t.field[3], t.field[4]))
			t.is_broken = tsv_refuse(&t, "not taken", t.field[1]) || true;
	free(t.text);
	return !t.is_broken;
}

static bool add_registers(const struct register_rows *tables)
{
	const struct registry *evidence = NULL;
	size_t common = n_rows;

	for (size_t i = 0; i < tables->n; i++)
		if (strcmp(tables->registers[i].name, "evidence") == 0)
			evidence = &tables->registers[i];
	for (size_t i = 0; evidence && i < tables->n; i++)
		if (tables->registers[i].plural &&
		    !add_register(&tables->registers[i], evidence, common))
			return false;
	return evidence != NULL;
}

static void print_name(FILE *out, const char *prefix, const char *name)
{
	fputs(prefix, out);
	for (; *name; name++)
		fputc(*name == '-' ? '_' : toupper((unsigned char)*name), out);
	fputs(", ", out);
}

static void print_row(FILE *out, const struct column *c)
{
	fputs("{ ", out);
	print_string(out, c->kind, ", ");
	print_string(out, c->member, c->is_each ? ", true, " : ", false, ");
	print_name(out, "AS_", c->cell);
	if (*c->list)
		print_name(out, "LIST_", c->list);
	else
		fputs("NO_LIST, ", out);
	print_string(out, c->headers, " },\n");
}

bool print_column_rows(const char *data_dir, FILE *out)
{
	const struct register_rows *tables = register_rows_read(data_dir);

	if (!tables || !read_words(data_dir) || !read_columns(data_dir) ||
	    !add_registers(tables))
		return false;
	for (size_t i = 0; i < n_rows; i++)
		if (strcmp(rows[i].kind, REGISTER) != 0 && !judge(&rows[i]))
			return false;
	fputs(
	    "/* Printed from config/data/columns.tsv and registers.tsv; change it there. */\n",
	    out);
	for (size_t i = 0; i < n_rows; i++) {
		add_headings(&rows[i], tables);
		if (strcmp(rows[i].kind, REGISTER) != 0)
			print_row(out, &rows[i]);
	}
	return true;
}
