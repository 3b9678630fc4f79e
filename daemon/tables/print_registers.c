/*
 * What derives from registers.tsv, printed.
 *
 * For C: the members of each register, and the routes that serve it.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>

#include "daemon/tables/print.h"
#include "daemon/tables/register_rows.h"

#define C_NOTE                                                                                 \
	"/* Printed from config/data/registers.tsv by print_tables; change it there. */\n"

/* "course-kinds" as COURSE_KINDS. */
static void put_capitals(FILE *out, const char *name)
{
	for (const char *c = name; *c; c++)
		fputc(*c == '-' ? '_' : toupper((unsigned char)*c), out);
}

static void put_list(FILE *out, const struct registry_member *m)
{
	if (m->kind != MEMBER_CHOICE || !m->of) {
		fputc('0', out);
		return;
	}
	fputs("LIST_", out);
	put_capitals(out, m->of);
}

static void put_member(FILE *out, const struct registry_member *m)
{
	static const char *const lists
	    [] = { [LISTED_NOT] = "NOT", [LISTED_COLUMN] = "COLUMN", [LISTED_SCOPE] = "SCOPE" };

	fputs("{ ", out);
	print_string(out, m->name, ", ");
	print_string(out, m->zh, ", ");
	print_string(out, m->en, ", ");
	fputs("MEMBER_", out);
	put_capitals(out, member_kinds[m->kind]);
	fputs(", SAY_", out);
	put_capitals(out, member_says[m->say]);
	fprintf(out, ", LISTED_%s, INT64_C(%" PRId64 "), INT64_C(%" PRId64 "), ",
	    lists[m->listed], m->min, m->max);
	print_string(out, m->after, m->not_to_come ? ", true, " : ", false, ");
	fputs(m->not_an_area ? "true, " : "false, ", out);
	print_string(out, m->of, ", ");
	print_string(out, m->otherwise, ", ");
	print_string(out, m->example, ", ");
	put_list(out, m);
	fputs(" }", out);
}

static void put_register(FILE *out, const struct registry *r)
{
	fputs("\t{ ", out);
	print_string(out, r->name, ", ");
	print_string(out, r->id, ", ");
	print_string(out, r->plural, ", ");
	print_string(out, r->zh, ", ");
	print_string(out, r->en, ",\n\t  ");
	fprintf(out, "%s_members, %zu, %s, ", r->id, r->n, r->needs_papers ? "true" : "false");
	print_string(out, r->ends, r->ends ? ",\n\t  " : " },\n");
	if (r->ends) {
		put_member(out, &r->reason);
		fputs(" },\n", out);
	}
}

bool print_register_tables(const char *data_dir, FILE *out)
{
	const struct register_rows *rows = register_rows_read(data_dir);

	if (!rows)
		return false;
	fputs(C_NOTE "#include \"daemon/tables/registers.h\"\n\n"
		     "#include \"daemon/tables/choices.h\"\n\n",
	    out);
	for (size_t i = 0; i < rows->n; i++) {
		const struct registry *r = &rows->registers[i];

		fprintf(out, "static const struct registry_member %s_members[] = {\n", r->id);
		for (size_t k = 0; k < r->n; k++) {
			fputc('\t', out);
			put_member(out, &r->members[k]);
			fputs(",\n", out);
		}
		fputs("};\n\n", out);
	}
	fputs("const struct registry registers[] = {\n", out);
	for (size_t i = 0; i < rows->n; i++)
		put_register(out, &rows->registers[i]);
	fputs("};\nconst size_t n_registers = sizeof(registers) / sizeof(registers[0]);\n",
	    out);
	return true;
}

bool print_register_routes(const char *data_dir, FILE *out)
{
	static const char one[] =
	    "%s_OP(\"/v1/%s%s%s%s%s%s\", \"%s.%s\",\n"
	    "    OP(LEDGER_%s_ENTRY, \"w%s\", \"%s\", %s, true, &registers[%zu])),\n";
	const struct register_rows *rows = register_rows_read(data_dir);

	if (!rows)
		return false;
	fputs(C_NOTE, out);
	for (size_t i = 0; i < rows->n; i++) {
		const struct registry *r = &rows->registers[i];
		const char *s = r->plural;

		if (!s)
			continue;
		fprintf(out, one, "POST", s, "", "", "", "", "", s, "create", "CREATE", "b",
		    r->name, "entry_body", i);
		fprintf(out,
		    "{ METHOD_GET, \"/v1/%s\", .plan = &list_entries, .action = \"%s.list\",\n"
		    "    .arg = &registers[%zu] },\n",
		    s, s, i);
		fprintf(out, one, "GET", s, "/{", r->id, "}", "", "", s, "read", "READ", "id",
		    r->name, "NULL", i);
		fprintf(out, one, "PATCH", s, "/{", r->id, "}", "", "", s, "change", "CHANGE",
		    "imb", r->name, "entry_change_body", i);
		fprintf(out, one, "POST", s, "/{", r->id, "}", "/", r->ends, s, r->ends, "END",
		    "ib", r->name, "entry_end_body", i);
	}
	return true;
}
