/*
 * What went wrong, on standard error, in the person's language.
 *
 * A refusal says where, which rule and what would be right; all of that is the
 * exchange's, and is only laid out here.
 */
#include "clients/cli/ctl.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void problem_say(const struct ctl *c, const char *en, const char *zh, ...)
{
	va_list args;

	fputs("vacancyctl: ", stderr);
	va_start(args, zh);
	vfprintf(stderr, c->zh ? zh : en, args);
	va_end(args);
	fputc('\n', stderr);
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

static void put(const struct ctl *c, const char *text)
{
	json_t *v = json_string(text);
	char *clean = show_text(c, v);

	fputs(clean, stderr);
	free(clean);
	json_decref(v);
}

/* Of a file that was a body. */
static void put_line(const struct ctl *c, const json_t *e)
{
	const char *sheet = string_or(e, "sheet", NULL);
	long long line = json_integer_value(json_object_get(e, "line"));

	if (sheet) {
		put(c, sheet);
		fputs(c->zh ? "，" : ", ", stderr);
	}
	if (line)
		fprintf(stderr, c->zh ? "第 %lld 行，" : "line %lld, ", line);
}

/* In a file: the column as it is headed there, and what stands in the cell. */
static void put_place(const struct ctl *c, const json_t *e)
{
	const char *pointer = string_or(e, "pointer", "");
	const char *column = string_or(e, "column", NULL), *found = string_or(e, "found", NULL);
	bool is_cell = column || strncmp(pointer, "/header/", 8) == 0 ||
		       strncmp(pointer, "/cell/", 6) == 0 ||
		       strcmp(string_or(e, "rule", ""), "not-found") == 0;

	fputs("  ", stderr);
	put_line(c, e);
	put(c, column ? column : pointer);
	if (is_cell && found) {
		fputs(c->zh ? "「" : " \"", stderr);
		put(c, found);
		fputs(c->zh ? "」" : "\"", stderr);
	}
	fputs(is_cell && c->zh ? "：" : ": ", stderr);
}

void problem_errors(const struct ctl *c, const json_t *errors)
{
	const json_t *e;
	size_t i;

	json_array_foreach((json_t *)errors, i, e)
	{
		const char *expected = string_or(e, "expected", "");

		if (c->zh)
			expected = string_or(e, "expected_zh", expected);
		put_place(c, e);
		put(c, string_or(json_object_get(e, "message"), c->zh ? "zh" : "en", ""));
		fputs(*expected ? " [" : "", stderr);
		put(c, expected);
		fputs(*expected ? "]\n" : "\n", stderr);
	}
}

void problem_show(const struct ctl *c, long status, const json_t *problem)
{
	const char *name;
	json_t *value;

	if (!problem) {
		problem_say(c, "the answer (%ld) is not JSON", "应答（%ld）不是 JSON", status);
		return;
	}
	if (option("json")) {
		json_dumpf(problem, stderr, JSON_INDENT(2) | JSON_ENCODE_ANY);
		fputc('\n', stderr);
		return;
	}
	problem_say(c, "%ld %s", "%ld %s", status,
	    string_or(problem, c->zh ? "title_zh" : "title", c->zh ? "被拒绝" : "refused"));
	if (json_object_get(problem, "detail")) {
		fputs("  ", stderr);
		put(c, string_or(problem, c->zh ? "detail_zh" : "detail", ""));
		fputc('\n', stderr);
	}
	/* What this refusal is about: the refs left out, who is registered already. */
	json_object_foreach((json_t *)problem, name, value)
	{
		char *text = is_common(name) ? NULL : show_text(c, value);

		if (text)
			fprintf(stderr, "  %s: %s\n", name, text);
		free(text);
	}
	problem_errors(c, json_object_get(problem, "errors"));
}

void problem_of_record(const struct ctl *c, const json_t *receipt)
{
	const json_t *problem = json_object_get(receipt, "problem");

	problem_say(c, "line %lld: %s", "第 %lld 行：%s",
	    (long long)json_integer_value(json_object_get(receipt, "line")),
	    string_or(problem, c->zh ? "title_zh" : "title", c->zh ? "未接受" : "refused"));
	problem_errors(c, json_object_get(receipt, "errors"));
	problem_errors(c, json_object_get(problem, "errors"));
}
