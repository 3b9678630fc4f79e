/*
 * The registers for vacancyctl: rows of its tables (commands, columns, options, members), and
 * its manual.
 */
#include <ctype.h>
#include <string.h>

#include "daemon/tables/print.h"
#include "daemon/tables/template.h"

#define C_NOTE                                                                                 \
	"/* Printed from config/data/registers.tsv by print_tables; change it there. */\n"

/* The name with another letter for one of its own, and perhaps in capitals: "attendance-min",
 * "COURSE_KINDS", "outside figures".  Four are kept at a time. */
static const char *spelled(const char *name, char from, char to, bool is_upper)
{
	static char out[4][64];
	static int turn;
	char *text = out[turn = (turn + 1) % 4];
	size_t n = 0;

	for (; *name && n < sizeof(out[0]) - 1; name++)
		text[n++] = (char)(*name == from ? to
				   : is_upper    ? toupper((unsigned char)*name)
						 : *name);
	text[n] = '\0';
	return text;
}

/* What a member's cell and option hold: n a number, f yes or no, c a code, t a text. */
static char letter_of(const struct registry_member *m)
{
	return (char)(m->kind == MEMBER_WHOLE    ? 'n'
		      : m->kind == MEMBER_FLAG   ? 'f'
		      : m->kind == MEMBER_CHOICE ? 'c'
						 : 't');
}

bool print_register_members(const char *data_dir, FILE *out)
{
	const struct register_rows *rows = register_rows_read(data_dir);

	if (!rows)
		return false;
	fputs(C_NOTE, out);
	for (size_t i = 0; i < rows->n; i++) {
		const struct registry *r = &rows->registers[i];

		if (r->plural)
			fprintf(out, "{ \"%s\", \"%s\", \"%s\", \"%s\", 0, \"\" },\n", r->name,
			    r->id, r->en, r->zh);
		for (size_t k = 0; k < r->n; k++) {
			const struct registry_member *m = &r->members[k];

			fprintf(out, "{ \"%s\", \"%s\", \"%s\", \"%s\", '%c', ", r->name,
			    m->name, m->en, m->zh, letter_of(m));
			if (m->kind == MEMBER_CHOICE)
				fprintf(out, "CODES_%s },\n", spelled(m->of, '-', '_', true));
			else
				fputs("\"\" },\n", out);
		}
	}
	return true;
}

/* Which list an option of a register's commands takes. */
bool print_register_lists(const char *data_dir, FILE *out)
{
	const struct register_rows *rows = register_rows_read(data_dir);

	if (!rows)
		return false;
	fputs(C_NOTE, out);
	for (size_t i = 0; i < rows->n; i++) {
		const struct registry *r = &rows->registers[i];

		for (size_t k = 0; r->plural && k < r->n; k++)
			if (r->members[k].kind == MEMBER_CHOICE)
				fprintf(out, "{ \"%s\", \"\", \"%s\", \"%s\", \"\" },\n",
				    r->name, spelled(r->members[k].name, '_', '-', false),
				    r->members[k].of);
		if (r->plural && r->reason.kind == MEMBER_CHOICE && r->reason.of)
			fprintf(out, "{ \"%s end\", \"\", \"reason\", \"%s\", \"\" },\n",
			    r->name, r->reason.of);
	}
	return true;
}

bool print_register_options(const char *data_dir, FILE *out)
{
	const struct register_rows *rows = register_rows_read(data_dir);

	if (!rows)
		return false;
	fputs(C_NOTE, out);
	for (size_t i = 0; i < rows->n; i++)
		for (size_t k = 0; rows->registers[i].plural && k < rows->registers[i].n; k++) {
			const struct registry_member *m = &rows->registers[i].members[k];
			static const char *const ends[] = { "", "-since", "-before" };
			static const char *const en[] = { "", ", no earlier than", ", before" };
			static const char *const zh[] = { "", "（不早于）", "（早于）" };
			int last = m->kind == MEMBER_DAY && m->listed ? 2 : 0;

			for (int e = 0; e <= last; e++)
				fprintf(out,
				    "{ \"%s%s\", 0, %s, false, %s%s%s, \"%s%s\", \"%s%s\" },\n",
				    spelled(m->name, '_', '-', false), ends[e],
				    m->kind == MEMBER_WHOLE  ? "NUMBER"
				    : m->kind == MEMBER_FLAG ? "FLAG"
							     : "WORD",
				    m->kind == MEMBER_FLAG ? "NULL" : "\"",
				    m->kind == MEMBER_FLAG  ? ""
				    : m->kind == MEMBER_DAY ? "DAY"
							    : spelled(m->name, '_', '_', true),
				    m->kind == MEMBER_FLAG ? "" : "\"", m->en, en[e], m->zh,
				    zh[e]);
		}
	return true;
}

bool print_register_columns(const char *data_dir, FILE *out)
{
	const struct register_rows *rows = register_rows_read(data_dir);

	if (!rows)
		return false;
	fputs(C_NOTE, out);
	for (size_t i = 0; i < rows->n; i++) {
		const struct registry *r = &rows->registers[i];

		if (!r->plural)
			continue;
		fprintf(out,
		    "static const struct column %s_columns[] = {\n"
		    "\t{ \"%s\", \"%s\", \"%s\", RIGHT },\n",
		    r->id, spelled(r->id, '_', '_', true), r->zh, r->id);
		for (size_t k = 0; k < r->n; k++)
			if (r->members[k].listed)
				fprintf(out, "\t{ \"%s\", \"%s\", \"%s\", %s },\n",
				    spelled(r->members[k].name, '_', '_', true),
				    r->members[k].zh, r->members[k].name,
				    r->members[k].kind == MEMBER_TEXT    ? "CUT"
				    : r->members[k].kind == MEMBER_WHOLE ? "RIGHT"
									 : "LEFT");
		fputs("\t{ \"ENDED\", \"终止\", \"ended.on\", WIDE },\n};\n", out);
	}
	return true;
}

/* What a verb takes, by the API's name. */
struct said {
	char name[64];
	const struct registry_member *member; /* NULL: of every register */
	bool is_needed;
};
enum { SAID_MAX = 2 * MEMBERS_MAX + 2 };

static size_t say(struct said *to, size_t n, const char *name, const char *end,
    const struct registry_member *m, bool is_needed)
{
	to[n] = (struct said){ .member = m, .is_needed = is_needed };
	snprintf(to[n].name, sizeof(to[n].name), "%s%s", name, end);
	return n + 1;
}

static size_t said_of_list(const struct registry *r, struct said *to)
{
	size_t n = say(to, 0, "state", "", NULL, false);

	for (size_t k = 0; k < r->n; k++) {
		const struct registry_member *m = &r->members[k];

		if (!m->listed)
			continue;
		if (m->kind == MEMBER_DAY) {
			n = say(to, n, m->name, "_since", m, false);
			n = say(to, n, m->name, "_before", m, false);
		} else {
			n = say(to, n, m->name, "", m, false);
		}
	}
	return n;
}

static size_t said_of_body(const struct registry *r, bool is_change, struct said *to)
{
	size_t n = 0;

	for (size_t k = 0; k < r->n; k++)
		if (!is_change || r->members[k].say != SAY_ONCE)
			n = say(to, n, r->members[k].name, "", &r->members[k],
			    !is_change && r->members[k].say != SAY_MAY);
	return say(to, n, "on", "", NULL, false);
}

static size_t said_of_end(struct said *to)
{
	return say(to, say(to, 0, "reason", "", NULL, true), "on", "", NULL, false);
}

/* What the verb of this name takes: list, add, change, end. */
static size_t said_of(const char *verb, const struct registry *r, struct said *to)
{
	return strcmp(verb, "list") == 0  ? said_of_list(r, to)
	       : strcmp(verb, "end") == 0 ? said_of_end(to)
					  : said_of_body(r, strcmp(verb, "change") == 0, to);
}

static void put_command_word(FILE *out, const char *word, const struct registry *r)
{
	struct said said[SAID_MAX];

	if (strcmp(word, "ID") == 0)
		fputs(spelled(r->id, '_', '_', true), out);
	else if (strcmp(word, "ends_zh") == 0)
		fputs(strcmp(r->ends, "end") == 0 ? "结束" : "作废", out);
	else
		for (size_t i = 0, n = said_of(word, r, said); i < n; i++)
			fprintf(out, "%s%s%s", i ? " " : "", said[i].name,
			    said[i].is_needed ? "!" : "");
}

bool print_register_commands(const char *data_dir, FILE *out)
{
	static const struct template t = { .path = TEMPLATES "/register_commands.txt",
		.put_word = put_command_word };

	fputs(C_NOTE, out);
	return template_print(&t, data_dir, out);
}

/* Options as they are set in the manual. */
static void put_manual_word(FILE *out, const char *word, const struct registry *r)
{
	struct said said[SAID_MAX];
	size_t n;

	n = said_of(word, r, said);
	for (size_t i = 0; i < n; i++) {
		const struct registry_member *m = said[i].member;
		bool is_flag = m && m->kind == MEMBER_FLAG;

		fprintf(out, " %sFl -%s%s%s%s", said[i].is_needed ? "" : "Oo ",
		    spelled(said[i].name, '_', '-', false), is_flag ? "" : " Ar ",
		    is_flag                           ? ""
		    : m && m->kind == MEMBER_DAY      ? "day"
		    : m                               ? spelled(m->name, '_', '-', false)
		    : strcmp(said[i].name, "on") == 0 ? "day"
						      : said[i].name,
		    said[i].is_needed ? "" : " Oc");
	}
}

bool print_register_manual(const char *data_dir, FILE *out)
{
	static const struct template t = { .path = TEMPLATES "/register_manual.txt",
		.put_word = put_manual_word };

	return template_print(&t, data_dir, out);
}
