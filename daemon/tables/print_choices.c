/*
 * What derives from choices.tsv, printed.
 *
 * For C: one array a list, in the file's order, and the enumerators by which code
 * means a list (LIST_SHIFTS) or a place in one (SHIFTS_NIGHT).  For vacancyctl: the
 * codes of a list as one text.  For OpenAPI: a schema a
 * list, named as one of its codes is: closing-reasons as ClosingReason.  For
 * vacancyd-codes(7): a section a list.
 */
#include <ctype.h>
#include <string.h>

#include "daemon/tables/choice_rows.h"
#include "daemon/tables/print.h"

#define C_NOTE "/* Printed from config/data/choices.tsv by print_tables; change it there. */\n"

static bool begins_list(const struct choice_rows *c, size_t i)
{
	return i == 0 || strcmp(c->rows[i].list, c->rows[i - 1].list) != 0;
}

/* "closing-reasons" as CLOSING_REASONS, or as closing_reasons. */
static void put_identifier(FILE *out, const char *name, bool is_upper)
{
	for (; *name; name++)
		fputc(*name == '-' ? '_'
		      : is_upper   ? toupper((unsigned char)*name)
				   : *name,
		    out);
}

bool print_choice_codes(const char *data_dir, FILE *out)
{
	struct choice_rows c;

	if (!choice_rows_read(&c, data_dir))
		return false;
	fputs(C_NOTE "#ifndef DAEMON_TABLES_CHOICE_CODES_H\n"
		     "#define DAEMON_TABLES_CHOICE_CODES_H\n\nenum code_list {\n",
	    out);
	for (size_t i = 0; i < c.n; i++) {
		if (!begins_list(&c, i))
			continue;
		fputs("\tLIST_", out);
		put_identifier(out, c.rows[i].list, true);
		fputs(",\n", out);
	}
	fputs("\tLISTS\n};\n", out);
	for (size_t i = 0; i < c.n; i++) {
		fputs(begins_list(&c, i) ? "\nenum {\n\t" : "\t", out);
		put_identifier(out, c.rows[i].list, true);
		fputc('_', out);
		put_identifier(out, c.rows[i].code, true);
		fputs(",\n", out);
		if (i + 1 == c.n || begins_list(&c, i + 1))
			fputs("};\n", out);
	}
	fputs("\n#endif\n", out);
	choice_rows_free(&c);
	return true;
}

static void put_row(FILE *out, const struct choice_row *r)
{
	fputs("\t{ ", out);
	print_string(out, r->code, ", ");
	print_string(out, r->zh, ", ");
	print_string(out, r->en, ", ");
	print_string(out, r->parent, ", ");
	print_string(out, r->definition_zh, ", ");
	print_string(out, r->definition_en, ", ");
	print_string(out, r->spellings, " },\n");
}

/* "day, evening, night, rotating" */
static void put_codes(FILE *out, const struct choice_row *r, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fprintf(out, "%s%s", i ? ", " : "", r[i].code);
}

bool print_choice_words(const char *data_dir, FILE *out)
{
	struct choice_rows c;

	if (!choice_rows_read(&c, data_dir))
		return false;
	fputs(C_NOTE, out);
	for (size_t i = 0; i < c.n;) {
		size_t n;
		const struct choice_row *r = choice_rows_list(&c, c.rows[i].list, &n);

		fputs("#define CODES_", out);
		put_identifier(out, r->list, true);
		fputs(" \"", out);
		put_codes(out, r, n);
		fputs("\"\n", out);
		i += n;
	}
	choice_rows_free(&c);
	return true;
}

/* Every code with its names and what else people write for it, a list after the other. */
bool print_choice_rows(const char *data_dir, FILE *out)
{
	struct choice_rows c;

	if (!choice_rows_read(&c, data_dir))
		return false;
	fputs(C_NOTE, out);
	for (size_t i = 0; i < c.n; i++) {
		const struct choice_row *r = &c.rows[i];

		fputs("{ ", out);
		print_string(out, r->list, ", ");
		print_string(out, r->code, ", ");
		print_string(out, r->zh, ", ");
		print_string(out, r->en, ", ");
		print_string(out, r->spellings, " },\n");
	}
	choice_rows_free(&c);
	return true;
}

bool print_choice_tables(const char *data_dir, FILE *out)
{
	struct choice_rows c;
	size_t n;

	if (!choice_rows_read(&c, data_dir))
		return false;
	fputs(C_NOTE "#include \"daemon/tables/choices.h\"\n", out);
	for (size_t i = 0; i < c.n; i++) {
		if (begins_list(&c, i)) {
			fputs("\nstatic const struct choice ", out);
			put_identifier(out, c.rows[i].list, false);
			fputs("[] = {\n", out);
		}
		put_row(out, &c.rows[i]);
		if (i + 1 == c.n || begins_list(&c, i + 1))
			fputs("};\n", out);
	}
	fputs("\nconst struct choice_list choice_lists[LISTS] = {\n", out);
	for (size_t i = 0; i < c.n; i++) {
		if (!begins_list(&c, i))
			continue;
		choice_rows_list(&c, c.rows[i].list, &n);
		fputs("\t{ ", out);
		print_string(out, c.rows[i].list, ", ");
		put_identifier(out, c.rows[i].list, false);
		fprintf(out, ", %zu,\n\t  \"", n);
		put_codes(out, &c.rows[i], n);
		fputs("\" },\n", out);
	}
	fputs("};\n", out);
	choice_rows_free(&c);
	return true;
}

void print_choice_schema_name(FILE *out, const char *list)
{
	size_t n = strlen(list);
	bool is_first = true;

	if (n > 4 && (strcmp(list + n - 4, "sses") == 0 || strcmp(list + n - 3, "xes") == 0))
		n -= 2;
	else if (list[n - 1] == 's')
		n--;
	for (size_t i = 0; i < n; i++) {
		if (list[i] != '-')
			fputc(is_first ? toupper((unsigned char)list[i]) : list[i], out);
		is_first = list[i] == '-';
	}
}

bool print_choice_schemas(const char *data_dir, FILE *out)
{
	struct choice_rows c;

	if (!choice_rows_read(&c, data_dir))
		return false;
	for (size_t i = 0; i < c.n;) {
		size_t n;
		const struct choice_row *r = choice_rows_list(&c, c.rows[i].list, &n);

		fputs("    ", out);
		print_choice_schema_name(out, r->list);
		fprintf(out,
		    ":\n      type: string\n      description: |\n        /v1/codes/%s\n\n",
		    r->list);
		for (size_t k = 0; k < n; k++)
			fprintf(out, "        - `%s` %s：%s。%s: %s.\n", r[k].code, r[k].zh,
			    r[k].definition_zh, r[k].en, r[k].definition_en);
		fputs("      enum: [", out);
		for (size_t k = 0; k < n; k++)
			fprintf(out, "%s'%s'", k ? ", " : "", r[k].code);
		fputs("]\n", out);
		i += n;
	}
	choice_rows_free(&c);
	return true;
}

bool print_choice_manual(const char *data_dir, FILE *out)
{
	struct choice_rows c;

	if (!choice_rows_read(&c, data_dir))
		return false;
	for (size_t i = 0; i < c.n; i++) {
		const struct choice_row *r = &c.rows[i];

		if (begins_list(&c, i))
			fprintf(out, ".Ss %s\n.Bl -tag -width Ds\n", r->list);
		fprintf(out, ".It Cm %s\n%s, %s.\n%s。\n%s.\n", r->code, r->zh, r->en,
		    r->definition_zh, r->definition_en);
		if (*r->spellings) {
			fputs("Also: ", out);
			for (const char *s = r->spellings; *s; s++)
				fputs(*s == '|' ? ", " : (const char[]){ *s, '\0' }, out);
			fputs(".\n", out);
		}
		if (i + 1 == c.n || begins_list(&c, i + 1))
			fputs(".El\n", out);
	}
	choice_rows_free(&c);
	return true;
}
