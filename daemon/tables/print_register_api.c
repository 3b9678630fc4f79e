/*
 * The registers in the description of the API: their paths and their schemas, in YAML.
 *
 * The five requests are the same for every register; roles, officers and what is masked
 * come from authorisation.tsv.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/tables/print.h"
#include "daemon/tables/register_rows.h"

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
static bool put_may(FILE *out, const char *data_dir, const struct registry *r, const char *verb,
    bool *needs_officer)
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
	*needs_officer = put_roles(out, "x-actor", may.actor);
	for (int i = 0; i < ROLES; i++)
		if (may.masked[i][0]) {
			fprintf(out, "%s%s: [%s]", mark, role_names[i], may.masked[i]);
			mark = ", ";
		}
	if (*mark == ',')
		fputs(" }\n", out);
	return true;
}

/* "outside-figure" as OutsideFigure. */
static const char *schema_name(const char *name)
{
	static char out[4][64];
	static int turn;
	char *to = out[turn = (turn + 1) % 4];
	size_t n = 0;

	for (bool is_first = true; *name && n < sizeof(out[0]) - 1; name++) {
		if (*name != '-')
			to[n++] = (char)(is_first ? *name - 'a' + 'A' : *name);
		is_first = *name == '-';
	}
	to[n] = '\0';
	return to;
}

static void put_quoted(FILE *out, const char *text)
{
	fputc('\'', out);
	for (; *text; text++)
		fputs(*text == '\'' ? "''" : (char[]){ *text, '\0' }, out);
	fputc('\'', out);
}

/* The type of a member's values, without braces. */
static void put_type(FILE *out, const struct registry_member *m, bool may_be_null)
{
	const char *type = may_be_null ? "[string, 'null']" : "string";
	const char *named = m->kind == MEMBER_DAY                     ? "Day"
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

static void put_property(FILE *out, const struct registry_member *m, bool may_be_null)
{
	fprintf(out, "        %s: { description: ", m->name);
	put_quoted(out, m->en);
	fputs(", ", out);
	put_type(out, m, may_be_null);
	fputs(" }\n", out);
}

static void put_object(FILE *out, const char *name, const char *suffix, bool is_input)
{
	fprintf(out, "    %s%s:\n      type: object\n", schema_name(name), suffix);
	if (is_input)
		fputs("      additionalProperties: false\n", out);
}

/* Since when it is so, and on what it rests. */
static void put_beside(FILE *out)
{
	fputs(
	    "        'on': { description: 'since when it is so; without it today', anyOf: [" SCHEMA
	    "Day' }, { type: 'null' }] }\n"
	    "        evidence: { type: [array, 'null'], maxItems: 10, items: " SCHEMA
	    "EvidenceIn' } }\n",
	    out);
}

static void put_input(FILE *out, const struct registry *r)
{
	const char *mark = "      required: [";

	put_object(out, r->name, "In", true);
	for (size_t i = 0; i < r->n; i++)
		if (r->members[i].say != SAY_MAY) {
			fprintf(out, "%s%s", mark, r->members[i].name);
			mark = ", ";
		}
	fputs(*mark == ',' ? "]\n      properties:\n" : "      properties:\n", out);
	for (size_t i = 0; i < r->n; i++)
		put_property(out, &r->members[i],
		    r->members[i].say == SAY_MAY && r->members[i].kind != MEMBER_FLAG);
	if (r->plural)
		put_beside(out);
}

static void put_change(FILE *out, const struct registry *r)
{
	put_object(out, r->name, "ChangeIn", true);
	fputs("      properties:\n", out);
	for (size_t i = 0; i < r->n; i++)
		if (r->members[i].say != SAY_ONCE)
			put_property(out, &r->members[i],
			    r->members[i].say == SAY_MAY && r->members[i].kind != MEMBER_FLAG);
	put_beside(out);
	put_object(out, r->name, "EndIn", true);
	fputs("      required: [reason]\n      properties:\n", out);
	put_property(out, &r->reason, false);
	put_beside(out);
}

static void put_output(FILE *out, const struct registry *r, bool is_item)
{
	put_object(out, r->name, is_item ? "Item" : "", false);
	fprintf(out, "      required: [%s, version, holds_from, recorded, ended%s", r->id,
	    is_item ? "" : ", evidence, history");
	for (size_t i = 0; i < r->n; i++)
		if (!is_item || r->members[i].listed)
			fprintf(out, ", %s", r->members[i].name);
	fputs("]\n      properties:\n", out);
	fprintf(out, "        %s: " SCHEMA "DecimalId' }\n", r->id);
	fputs(
	    "        version: { type: integer, description: The ETag }\n"
	    "        holds_from: " SCHEMA "Day' }\n"
	    "        recorded: " SCHEMA "Recorded' }\n"
	    "        ended:\n          type: [object, 'null']\n          required: ['on', reason]\n"
	    "          properties:\n            'on': " SCHEMA "Day' }\n            reason: { ",
	    out);
	put_type(out, &r->reason, false);
	fputs(" }\n", out);
	if (!is_item)
		fputs("        as_of: " SCHEMA "Day' }\n"
		      "        evidence: { type: array, items: " SCHEMA "Evidence' } }\n"
		      "        history: { type: array, items: " SCHEMA "Recording' } }\n",
		    out);
	for (size_t i = 0; i < r->n; i++)
		if (!is_item || r->members[i].listed)
			put_property(out, &r->members[i],
			    r->members[i].say == SAY_MAY && r->members[i].kind != MEMBER_FLAG);
}

static void put_evidence(FILE *out, const struct registry *r)
{
	put_input(out, r);
	put_object(out, r->name, "", false);
	fputs("      required: [version]\n      properties:\n"
	      "        version: { type: integer, description: The version that rests on it }\n",
	    out);
	for (size_t i = 0; i < r->n; i++)
		put_property(out, &r->members[i], r->members[i].say == SAY_MAY);
	fputs(
	    "    Recorded:\n      description: When a version was recorded, and by whom\n"
	    "      type: object\n      required: [at, kid, officer, on_behalf_of]\n      properties:\n"
	    "        at: " SCHEMA "Instant' }\n        kid: { type: string }\n"
	    "        officer: { anyOf: [" SCHEMA "SeekerId' }, { type: 'null' }] }\n"
	    "        on_behalf_of: { anyOf: [" SCHEMA "SeekerId' }, { type: 'null' }] }\n"
	    "    Recording:\n      type: object\n      required: [version, holds_from, recorded]\n"
	    "      properties:\n        version: { type: integer }\n        holds_from: " SCHEMA
	    "Day' }\n        recorded: " SCHEMA "Recorded' }\n",
	    out);
}

bool print_register_schemas(const char *data_dir, FILE *out)
{
	static struct register_rows rows;

	if (!register_rows_read(&rows, data_dir))
		return false;
	for (size_t i = 0; i < rows.n; i++) {
		const struct registry *r = &rows.registers[i];

		if (!r->plural) {
			put_evidence(out, r);
			continue;
		}
		put_input(out, r);
		put_change(out, r);
		put_output(out, r, false);
		put_output(out, r, true);
	}
	return true;
}

static void put_parameters(FILE *out, bool is_post, bool needs_officer, const char *more)
{
	fputs("      parameters:\n", out);
	if (is_post)
		fputs("        - $ref: '#/components/parameters/idempotency'\n", out);
	if (needs_officer || is_post)
		fputs("        - $ref: '#/components/parameters/actor'\n"
		      "        - $ref: '#/components/parameters/behalf'\n",
		    out);
	fputs(more, out);
}

static void put_body(FILE *out, const char *schema, const char *suffix, bool is_patch)
{
	fprintf(out,
	    "      requestBody:\n        required: true\n        content:\n"
	    "          application/json:\n            schema: " SCHEMA "%s%s' }\n",
	    schema, suffix);
	if (is_patch)
		fprintf(out,
		    "          application/merge-patch+json:\n            schema: " SCHEMA
		    "%s%s' }\n",
		    schema, suffix);
}

static void put_answers(FILE *out, const char *schema, const char *statuses)
{
	static const struct {
		char letter;
		const char *status, *name;
	} answers[] = { { 'm', "400", "Malformed" }, { 'k', "401", "KeyRefused" },
		{ 'r', "403", "RoleRefused" }, { 'n', "404", "NotFound" },
		{ 'c', "409", "Conflict" }, { 'v', "412", "VersionChanged" },
		{ 'i', "422", "Invalid" }, { 'l', "429", "RateLimited" },
		{ 'a', "503", "Away" } };

	fputs("      responses:\n", out);
	for (const char *s = statuses; *s == '2' || *s == '1'; s++)
		fprintf(out,
		    "        '20%c':\n          description: %s\n          content:\n"
		    "            application/json:\n              schema: %s\n",
		    *s == '2' ? '0' : '1', *s == '2' ? "As it is now" : "Recorded", schema);
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		if (strchr(statuses, answers[i].letter))
			fprintf(out, "        '%s': " REF "responses/%s' }\n",
			    answers[i].status, answers[i].name);
}

/* "listCourses", and what it does in a line. */
static void put_head(FILE *out, const char *method, const char *verb, const char *name,
    const char *summary, const struct registry *r, const char *more)
{
	fprintf(out,
	    "    %s:\n      tags: [registers]\n      operationId: %s%s\n"
	    "      summary: '%s %s%s'\n",
	    method, verb, name, summary, r->en, more);
}

static void put_filters(FILE *out, const struct registry *r)
{
	fputs("        - { name: state, in: query, schema: " SCHEMA "EntryState' } }\n", out);
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
			put_type(out, &m, false);
		fputs(" } }\n", out);
	}
	fputs(
	    "        - { name: sort, in: query, schema: { type: string, enum: [id], default: id } }\n"
	    "        - $ref: '#/components/parameters/limit'\n"
	    "        - $ref: '#/components/parameters/cursor'\n",
	    out);
}

static bool put_paths(FILE *out, const char *data_dir, const struct registry *r)
{
	const char *name = schema_name(r->name), *names = schema_name(r->plural);
	bool fine, named = false;
	char schema[256];

	snprintf(schema, sizeof(schema), SCHEMA "%s' }", name);
	fprintf(out, "  /v1/%s:\n", r->plural);
	put_head(out, "post", "create", name, "Record", r, "");
	fine = put_may(out, data_dir, r, "create", &named);
	put_parameters(out, true, named, "");
	put_body(out, name, "In", false);
	put_answers(out, schema, "21mkrncila");
	put_head(out, "get", "list", names, "List", r, ": those on record, by number");
	fine = fine && put_may(out, data_dir, r, "list", &named);
	put_parameters(out, false, named, "");
	put_filters(out, r);
	snprintf(schema, sizeof(schema),
	    "{ type: object, required: [items, next], properties: { items: { type: array,"
	    " items: " SCHEMA "%sItem' } }, next: { type: [string, 'null'] } } }",
	    name);
	put_answers(out, schema, "2krcila");

	fprintf(out,
	    "\n  /v1/%s/{%s}:\n    parameters:\n"
	    "      - { name: %s, in: path, required: true, schema: " SCHEMA "DecimalId' } }\n",
	    r->plural, r->id, r->id);
	snprintf(schema, sizeof(schema), SCHEMA "%s' }", name);
	put_head(out, "get", "get", name, "Read", r,
	    ", as it is, or with `as_of` as it was on record that evening");
	fine = fine && put_may(out, data_dir, r, "read", &named);
	put_parameters(out, false, named, "        - $ref: '#/components/parameters/as_of'\n");
	put_answers(out, schema, "2krnila");
	put_head(out, "patch", "change", name, "Amend", r, " by a merge patch: a version more");
	fine = fine && put_may(out, data_dir, r, "change", &named);
	put_parameters(out, false, named,
	    "        - $ref: '#/components/parameters/if_match'\n");
	put_body(out, name, "ChangeIn", true);
	put_answers(out, schema, "2mkrncvila");

	fprintf(out,
	    "\n  /v1/%s/{%s}/%s:\n    parameters:\n"
	    "      - { name: %s, in: path, required: true, schema: " SCHEMA "DecimalId' } }\n",
	    r->plural, r->id, r->ends, r->id);
	put_head(out, "post", r->ends, name,
	    strcmp(r->ends, "end") == 0 ? "End" : "Void, as it never held,", r, "");
	fine = fine && put_may(out, data_dir, r, r->ends, &named);
	put_parameters(out, true, named, "");
	put_body(out, name, "EndIn", false);
	put_answers(out, schema, "2mkrncila");
	fputc('\n', out);
	return fine;
}

bool print_register_paths(const char *data_dir, FILE *out)
{
	static struct register_rows rows;
	bool fine = register_rows_read(&rows, data_dir);

	for (size_t i = 0; fine && i < rows.n; i++)
		if (rows.registers[i].plural)
			fine = put_paths(out, data_dir, &rows.registers[i]);
	return fine;
}
