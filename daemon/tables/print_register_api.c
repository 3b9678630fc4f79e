/*
 * The registers in the description of the API: register_paths.yaml and register_schemas.yaml
 * beside this file, once for each register.
 *
 * A word between two @ stands for what the rows say of the register; a line that begins with %
 * for several lines: who may (out of authorisation.tsv), what filters a list, its members.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/tables/print.h"
#include "daemon/tables/template.h"

#define REF    "{ $ref: '#/components/"
#define SCHEMA REF "schemas/"

enum { ROLES = 4 };
static const char *const role_names[ROLES] = { "employer", "agency", "bureau", "auditor" };

/* What authorisation.tsv says of one action. */
struct may {
	bool role[ROLES], actor[ROLES];
	char masked[ROLES][200]; /* "" for nothing */
};

static bool read_may(const char *data_dir, const char *action, struct may *out)
{
	struct tsv t;

	*out = (struct may){ 0 };
	if (!tsv_open(&t, data_dir, "authorisation.tsv", "role\taction\tactor\tfields\tnote"))
		return false;
	while (tsv_next(&t))
		for (int i = 0; i < ROLES; i++) {
			if (strcmp(t.field[1], action) != 0 ||
			    strcmp(t.field[0], role_names[i]) != 0)
				continue;
			out->role[i] = true;
			out->actor[i] = strcmp(t.field[2], "officer") == 0;
			if (strcmp(t.field[3], "-") != 0)
				snprintf(out->masked[i], sizeof(out->masked[i]), "%s",
				    t.field[3]);
		}
	free(t.text);
	return !t.is_broken;
}

static bool put_roles(FILE *out, const char *name, const bool *which)
{
	const char *mark = "[";

	for (int i = 0; i < ROLES; i++)
		if (which[i]) {
			if (*mark == '[')
				fprintf(out, "      %s: ", name);
			fprintf(out, "%s%s", mark, role_names[i]);
			mark = ", ";
		}
	if (*mark != '[')
		fputs("]\n", out);
	return *mark != '[';
}

/* Who may, and behind whom an officer stands. */
static bool put_may(FILE *out, const char *data_dir, const struct registry *r, const char *verb)
{
	char action[80];
	struct may may;
	const char *mark = "      x-masked: { ";

	snprintf(action, sizeof(action), "%s.%s", r->plural, verb);
	if (!read_may(data_dir, action, &may))
		return false;
	if (!put_roles(out, "x-roles", may.role)) {
		fprintf(stderr, "authorisation.tsv: nobody may do %s; add a row\n", action);
		return false;
	}
	(void)put_roles(out, "x-actor", may.actor);
	for (int i = 0; i < ROLES; i++)
		if (may.masked[i][0]) {
			fprintf(out, "%s%s: [%s]", mark, role_names[i], may.masked[i]);
			mark = ", ";
		}
	if (*mark == ',')
		fputs(" }\n", out);
	return true;
}

static void put_quoted(FILE *out, const char *text)
{
	fputc('\'', out);
	for (; *text; text++)
		fputs(*text == '\'' ? "''" : (char[]){ *text, '\0' }, out);
	fputc('\'', out);
}

/* The type of a member's values, without braces; is_sent: in a request, where an employer's
 * code may be written in more ways than it is answered. */
static void put_type(FILE *out, const struct registry_member *m, bool may_be_null, bool is_sent)
{
	const char *type = may_be_null ? "[string, 'null']" : "string";
	const char *named = m->kind == MEMBER_DAY                     ? "Day"
			    : m->kind == MEMBER_EMPLOYER && is_sent   ? "EmployerCodeIn"
			    : m->kind == MEMBER_EMPLOYER              ? "EmployerCode"
			    : m->kind == MEMBER_ENTRY                 ? "DecimalId"
			    : m->kind == MEMBER_SEEKER                ? "SeekerId"
			    : m->kind == MEMBER_OFFICER               ? "SeekerId"
			    : m->kind == MEMBER_PLACE && m->min == 12 ? "Community"
								      : NULL;

	if (named || m->kind == MEMBER_CHOICE) {
		fputs(may_be_null ? "anyOf: [{ $ref: '#/components/schemas/"
				  : "$ref: '#/components/schemas/",
		    out);
		if (named)
			fputs(named, out);
		else
			print_choice_schema_name(out, m->of);
		fputs(may_be_null ? "' }, { type: 'null' }]" : "'", out);
		return;
	}
	switch (m->kind) {
	case MEMBER_TEXT:
		fprintf(out, "type: %s, minLength: %" PRId64 ", maxLength: %" PRId64, type,
		    m->min, m->max);
		return;
	case MEMBER_HEX:
		fprintf(out, "type: %s, pattern: '^[0-9A-Fa-f]{%" PRId64 "}$'", type, m->min);
		return;
	case MEMBER_WHOLE:
		fprintf(out, "type: %s, minimum: %" PRId64 ", maximum: %" PRId64,
		    may_be_null ? "[integer, 'null']" : "integer", m->min, m->max);
		return;
	case MEMBER_FLAG:
		fputs("type: boolean", out);
		return;
	case MEMBER_PLACE:
		fprintf(out, "type: %s, pattern: '^[0-9]{%" PRId64 "}$'", type, m->min);
		return;
	case MEMBER_UNIT:
		fprintf(out, "type: %s, minLength: 1, maxLength: 20", type);
		return;
	case MEMBER_PERIOD:
		fprintf(out, "type: %s, pattern: '^[0-9]{4}(Q[1-4]|-(0[1-9]|1[0-2]))?$'", type);
		return;
	case MEMBER_DAY:
	case MEMBER_CHOICE:
	case MEMBER_EMPLOYER:
	case MEMBER_ENTRY:
	case MEMBER_SEEKER:
	case MEMBER_OFFICER:
		return;
	}
}

static void put_property(FILE *out, const struct registry_member *m, bool may_be_null,
    bool is_sent)
{
	fprintf(out, "        %s: { description: ", m->name);
	put_quoted(out, m->en);
	fputs(", ", out);
	put_type(out, m, may_be_null, is_sent);
	fputs(" }\n", out);
}

static void put_filters(FILE *out, const struct registry *r)
{
	for (size_t i = 0; i < r->n; i++) {
		struct registry_member m = r->members[i];

		if (!m.listed)
			continue;
		if (m.kind == MEMBER_DAY) {
			fprintf(out,
			    "        - { name: %s_since, in: query, schema: " SCHEMA
			    "Day' } }\n"
			    "        - { name: %s_before, in: query, schema: " SCHEMA
			    "Day' } }\n",
			    m.name, m.name);
			continue;
		}
		fprintf(out, "        - { name: %s, in: query, description: ", m.name);
		put_quoted(out, m.kind == MEMBER_PLACE  ? "a division of 4, 6, 9 or 12 digits"
				: m.kind == MEMBER_TEXT ? "what stands in it"
							: m.en);
		fputs(", schema: { ", out);
		if (m.kind == MEMBER_PLACE)
			fputs(
			    "type: string, pattern: '^([0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$'",
			    out);
		else
			put_type(out, &m, false, true);
		fputs(" } }\n", out);
	}
}

/* Which members a list is of: "in" what must be recorded, "change", "out", "item". */
static bool is_in(const char *which, const struct registry_member *m)
{
	return strcmp(which, "item") == 0     ? m->listed != LISTED_NOT
	       : strcmp(which, "change") == 0 ? m->say != SAY_ONCE
					      : true;
}

static void put_members(FILE *out, const char *which, const struct registry *r)
{
	bool is_sent = strcmp(which, "in") == 0 || strcmp(which, "change") == 0;

	for (size_t i = 0; i < r->n; i++)
		if (is_in(which, &r->members[i]))
			put_property(out, &r->members[i],
			    r->members[i].say == SAY_MAY && r->members[i].kind != MEMBER_FLAG &&
				!r->members[i].otherwise,
			    is_sent);
}

static void put_names(FILE *out, const char *which, const struct registry *r)
{
	const char *mark = "";

	for (size_t i = 0; i < r->n; i++) {
		if (!is_in(which, &r->members[i]) ||
		    (strcmp(which, "in") == 0 && r->members[i].say == SAY_MAY))
			continue;
		fprintf(out, "%s%s", mark, r->members[i].name);
		mark = ", ";
	}
}

static void put_word(FILE *out, const char *word, const struct registry *r)
{
	if (strcmp(word, "reason") == 0)
		put_type(out, &r->reason, false, true);
	else
		put_names(out, word, r);
}

static bool put_lines(FILE *out, const char *line, const char *data_dir,
    const struct registry *r)
{
	if (strncmp(line, "may ", 4) == 0)
		return put_may(out, data_dir, r, line[4] == '@' ? r->ends : line + 4);
	if (strcmp(line, "filters") == 0)
		put_filters(out, r);
	else
		put_members(out, line + strlen("members "), r);
	return true;
}

bool print_register_paths(const char *data_dir, FILE *out)
{
	static const struct template t = { .path = TEMPLATES "/register_paths.yaml",
		.put_word = put_word,
		.put_lines = put_lines };

	return template_print(&t, data_dir, out);
}

bool print_register_schemas(const char *data_dir, FILE *out)
{
	static const struct template t = { .path = TEMPLATES "/register_schemas.yaml",
		.part_path = TEMPLATES "/register_part.yaml",
		.put_word = put_word,
		.put_lines = put_lines };

	return template_print(&t, data_dir, out);
}
