/*
 * Answers on a terminal: tables (libsmartcols), members, problems.
 *
 * It knows JSON values and no meaning.  Chinese text takes two columns a
 * character; libsmartcols counts them, given a UTF-8 locale.
 */
#include "clients/cli/ctl.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libsmartcols.h>

/* The member named by a dotted path; NULL when there is none. */
static const json_t *member(const json_t *o, const char *path)
{
	char name[64];

	while (o && *path) {
		size_t n = strcspn(path, ".");

		if (n >= sizeof(name))
			return NULL;
		memcpy(name, path, n);
		name[n] = '\0';
		o = json_object_get(o, name);
		path += n + (path[n] == '.');
	}
	return o;
}

/* A value as text, to be freed. */
static char *text_of(const json_t *v)
{
	char number[32];

	if (!v || json_is_null(v))
		return strdup("-");
	if (json_is_string(v))
		return strdup(json_string_value(v));
	if (json_is_boolean(v))
		return strdup(json_is_true(v) ? "yes" : "no");
	if (json_is_integer(v)) {
		snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(v));
		return strdup(number);
	}
	return json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
}

static void dump(const json_t *v)
{
	json_dumpf(v, stdout, JSON_INDENT(2) | JSON_ENCODE_ANY);
	putchar('\n');
}

void show_rows(const struct ctl *c, const json_t *answer, const char *list,
    const struct column *columns, size_t n)
{
	const json_t *rows = list ? json_object_get(answer, list) : answer;
	struct libscols_table *table;
	const json_t *row;
	size_t i;

	if (c->opt.json) {
		dump(answer);
		return;
	}
	setlocale(LC_CTYPE, "C.UTF-8");
	table = scols_new_table();
	scols_table_enable_noheadings(table, 0);
	for (size_t k = 0; k < n; k++)
		scols_table_new_column(table, columns[k].header, 0,
		    columns[k].right ? SCOLS_FL_RIGHT : 0);
	json_array_foreach((json_t *)rows, i, row)
	{
		struct libscols_line *line = scols_table_new_line(table, NULL);

		for (size_t k = 0; k < n; k++) {
			char *text = text_of(member(row, columns[k].member));

			scols_line_refer_data(line, k, text);
		}
	}
	scols_print_table(table);
	scols_unref_table(table);
}

void show_members(const struct ctl *c, const json_t *answer)
{
	const char *name;
	json_t *value;

	if (c->opt.json) {
		dump(answer);
		return;
	}
	json_object_foreach((json_t *)answer, name, value)
	{
		char *text = text_of(value);

		printf("%-16s %s\n", name, text);
		free(text);
	}
}

static const char *string_or(const json_t *o, const char *name, const char *otherwise)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s ? s : otherwise;
}

/* Said otherwise already, or of no use to a person. */
static bool is_common(const char *name)
{
	static const char *const common[] = { "type", "title", "title_zh", "status", "detail",
		"detail_zh", "instance", "errors" };

	for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++)
		if (strcmp(common[i], name) == 0)
			return true;
	return false;
}

void show_problem(const struct ctl *c, long status, const json_t *problem)
{
	bool zh = ctl_is_chinese(c);
	const json_t *errors = json_object_get(problem, "errors"), *e;
	const char *name;
	json_t *value;
	size_t i;

	if (c->opt.json && problem) {
		json_dumpf(problem, stderr, JSON_INDENT(2) | JSON_ENCODE_ANY);
		fputc('\n', stderr);
		return;
	}
	if (!problem) {
		fprintf(stderr, "vacancyctl: the answer (%ld) is not JSON\n", status);
		return;
	}
	fprintf(stderr, "vacancyctl: %ld %s\n", status,
	    string_or(problem, zh ? "title_zh" : "title", "refused"));
	if (json_object_get(problem, "detail"))
		fprintf(stderr, "  %s\n", string_or(problem, zh ? "detail_zh" : "detail", ""));
	/* What this refusal is about: the refs left out, who is registered already. */
	json_object_foreach((json_t *)problem, name, value)
	{
		char *text = is_common(name) ? NULL : text_of(value);

		if (text)
			fprintf(stderr, "  %s: %s\n", name, text);
		free(text);
	}
	json_array_foreach((json_t *)errors, i, e)
	{
		fprintf(stderr, "  %s: %s", string_or(e, "pointer", ""),
		    string_or(json_object_get(e, "message"), zh ? "zh" : "en", ""));
		if (*string_or(e, "expected", ""))
			fprintf(stderr, " [%s]", string_or(e, "expected", ""));
		fputc('\n', stderr);
	}
}
