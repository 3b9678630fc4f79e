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

/* The rows live until the program ends, which is soon. */
static const struct register_rows *rows_of(const char *data_dir)
{
	static struct register_rows rows;

	return register_rows_read(&rows, data_dir) ? &rows : NULL;
}

static void put_string(FILE *out, const char *text, const char *end)
{
	if (text) {
		fputc('"', out);
		for (const char *c = text; *c; c++)
			fprintf(out, *c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
		fputc('"', out);
	} else {
		fputs("NULL", out);
	}
	fputs(end, out);
}

/* "course-kinds" as LIST_COURSE_KINDS. */
static void put_list(FILE *out, const struct registry_member *m)
{
	if (m->kind != MEMBER_CHOICE || !m->of) {
		fputc('0', out);
		return;
	}
	fputs("LIST_", out);
	for (const char *c = m->of; *c; c++)
		fputc(*c == '-' ? '_' : toupper((unsigned char)*c), out);
}

static void put_member(FILE *out, const struct registry_member *m)
{
	static const char *const names[] = { "TEXT", "HEX", "WHOLE", "FLAG", "DAY", "CHOICE",
		"PLACE", "SEEKER", "OFFICER", "EMPLOYER", "UNIT", "PERIOD", "ENTRY" };
	static const char *const says[] = { "MUST", "MAY", "ONCE" };
	static const char *const lists[] = { "NOT", "COLUMN", "SCOPE" };

	fputs("{ ", out);
	put_string(out, m->name, ", ");
	put_string(out, m->zh, ", ");
	put_string(out, m->en, ", ");
	fprintf(out,
	    "MEMBER_%s, SAY_%s, LISTED_%s, INT64_C(%" PRId64 "), INT64_C(%" PRId64 "), ",
	    names[m->kind], says[m->say], lists[m->listed], m->min, m->max);
	put_string(out, m->after, m->not_to_come ? ", true, " : ", false, ");
	put_string(out, m->of, ", ");
	put_string(out, m->otherwise, ", ");
	put_list(out, m);
	fputs(" }", out);
}

static void put_register(FILE *out, const struct registry *r)
{
	fputs("\t{ ", out);
	put_string(out, r->name, ", ");
	put_string(out, r->id, ", ");
	put_string(out, r->plural, ", ");
	put_string(out, r->zh, ", ");
	put_string(out, r->en, ",\n\t  ");
	fprintf(out, "%s_members, %zu, ", r->id, r->n);
	put_string(out, r->ends, r->ends ? ",\n\t  " : " },\n");
	if (r->ends) {
		put_member(out, &r->reason);
		fputs(" },\n", out);
	}
}

bool print_register_tables(const char *data_dir, FILE *out)
{
	const struct register_rows *rows = rows_of(data_dir);

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
	const struct register_rows *rows = rows_of(data_dir);

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
