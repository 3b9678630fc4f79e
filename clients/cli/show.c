/*
 * Answers for people and spreadsheets: tables and members (libsmartcols), CSV.
 *
 * It knows JSON values and no meaning.  What others wrote is not trusted with the
 * reader's terminal or spreadsheet: control characters and the marks that turn
 * text around are shown as `?`, and with --bom no cell begins a formula.
 */
#include "clients/cli/ctl.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <libsmartcols.h>

#define COLUMNS_MAX 16
#define PROGRESS_MS 200 /* between two states of a line */

struct shown {
	const struct ctl *c;
	struct column columns[COLUMNS_MAX];
	bool seen[COLUMNS_MAX]; /* an answer had such a member at all */
	size_t n;
	struct libscols_table *table;
	bool begun;
};

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

/* Control characters of both sets, and what reorders the text after it. */
static char *harmless(char *text)
{
	for (unsigned char *p = (unsigned char *)text; p && *p; p++) {
		bool turns =
		    p[0] == 0xe2 && ((p[1] == 0x80 && p[2] >= 0xaa && p[2] <= 0xae) ||
					(p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9));

		if (*p < ' ' || *p == 0x7f)
			*p = *p == '\n' || *p == '\t' ? ' ' : '?';
		else if (turns)
			p[0] = p[1] = p[2] = '?';
		else if (p[0] == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0)
			p[0] = p[1] = '?';
	}
	return text;
}

/* `c` NULL: for a program. */
static char *plain_text(const struct ctl *c, const json_t *v)
{
	char number[32];

	if (json_is_string(v))
		return strdup(json_string_value(v));
	if (json_is_boolean(v) && c && c->zh)
		return strdup(json_is_true(v) ? "是" : "否");
	if (json_is_boolean(v))
		return strdup(json_is_true(v) ? "yes" : "no");
	if (json_is_integer(v)) {
		snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(v));
		return strdup(number);
	}
	return json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
}

static bool is_flat(const json_t *v)
{
	const json_t *child;
	size_t i;

	json_array_foreach((json_t *)v, i,
	    child) if (json_is_object(child) || json_is_array(child)) return false;
	return json_is_array(v);
}

/* ["a","b"] as a, b. */
static char *list_text(const struct ctl *c, const json_t *v)
{
	char *all = NULL;
	size_t size, i;
	FILE *out = open_memstream(&all, &size);
	const json_t *child;

	json_array_foreach((json_t *)v, i, child)
	{
		char *text = plain_text(c, child);

		fprintf(out, "%s%s", i ? ", " : "", text);
		free(text);
	}
	fclose(out);
	return all;
}

char *show_text(const struct ctl *c, const json_t *v)
{
	if (!v || json_is_null(v))
		return strdup("-");
	if (is_flat(v))
		return harmless(json_array_size(v) ? list_text(c, v) : strdup("-"));
	return harmless(plain_text(c, v));
}

/* A code that people use as it is, as P1 and 4-07-05-01; not a word of the API's. */
static bool is_sign(const char *code)
{
	return code[strspn(code, "abcdefghijklmnopqrstuvwxyz_-")] != '\0';
}

static char *code_text(const struct ctl *c, const json_t *names, const char *member,
    const json_t *v)
{
	const char *code = json_string_value(v), *name = NULL;
	const json_t *known = code ? json_object_get(names, code) : NULL;
	char *text = NULL;

	if (code && !known && c->zh)
		name = code_zh(c, member, code);
	else if (known) {
		name = json_string_value(json_object_get(known, c->zh ? "zh" : "en"));
		name = name ? name : json_string_value(json_object_get(known, "zh"));
	}
	if (!name)
		return plain_text(c, v);
	if (!known && !is_sign(code))
		return strdup(name);
	return asprintf(&text, "%s %s", code, name) < 0 ? NULL : text;
}

/* Of "contact.telephone" the telephone. */
static const char *last_of(const char *member)
{
	const char *dot = strrchr(member, '.');

	return dot ? dot + 1 : member;
}

char *show_value(const struct ctl *c, const json_t *names, const char *member, const json_t *v)
{
	char *all = NULL;
	size_t size, i;
	const json_t *child;
	FILE *out;

	if (json_is_string(v))
		return harmless(code_text(c, names, last_of(member), v));
	if (!is_flat(v) || !json_array_size(v))
		return show_text(c, v);
	out = open_memstream(&all, &size);
	json_array_foreach((json_t *)v, i, child)
	{
		char *text = code_text(c, names, last_of(member), child);

		fprintf(out, "%s%s", i ? ", " : "", text);
		free(text);
	}
	fclose(out);
	return harmless(all);
}

/* RFC 4180; in a spreadsheet nothing that others wrote is reckoned. */
static void put_cell(const char *text, bool is_text, bool last)
{
	bool formula = is_text && option("bom") && *text && strchr("=+-@\t\r", *text);
	bool quote = formula || strpbrk(text, ",\"\r\n") || *text == ' ';

	if (quote)
		putchar('"');
	if (formula)
		putchar('\'');
	for (const char *p = text; *p; p++) {
		if (*p == '"')
			putchar('"');
		putchar(*p);
	}
	fputs(quote ? "\"" : "", stdout);
	fputs(last ? "\r\n" : ",", stdout);
}

/* In a file a code of a long list stands alone, as it is to be read again; a word of a short
 * one as the reader calls it, which is read as well. */
static char *cell_text(const struct ctl *c, const char *member, const json_t *v)
{
	const char *code = json_string_value(v);
	const char *name = code && c->zh ? code_zh(c, last_of(member), code) : NULL;

	return name && !is_sign(code) ? strdup(name) : plain_text(c->zh ? c : NULL, v);
}

static void put_value(const struct ctl *c, const char *member, const json_t *v, bool last)
{
	char *all = NULL;
	size_t size, i;
	const json_t *child;
	FILE *out = open_memstream(&all, &size);

	if (!is_flat(v)) {
		char *text = !v || json_is_null(v) ? strdup("") : cell_text(c, member, v);

		fputs(text, out);
		free(text);
	}
	json_array_foreach((json_t *)v, i, child)
	{
		char *text = is_flat(v) ? cell_text(c, member, child) : NULL;

		if (text)
			fprintf(out, "%s%s", i ? ", " : "", text);
		free(text);
	}
	fclose(out);
	put_cell(all, !json_is_number(v), last);
	free(all);
}

/* The column's name as the API has it, or as the reader's language does. */
static void put_heading(const struct ctl *c, const char *member, bool last)
{
	char name[256];

	name_print(name, sizeof(name), c, member);
	put_cell(name, false, last);
}

void show_csv_begin(void)
{
	if (option("bom"))
		fputs("\xef\xbb\xbf", stdout);
}

static bool is_narrow(void)
{
	struct winsize size;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col && size.ws_col < 100;
}

static void add_column(struct shown *s, const struct column *k)
{
	struct column *to = &s->columns[s->n];
	int how = (k->how & RIGHT ? SCOLS_FL_RIGHT : 0) | (k->how & CUT ? SCOLS_FL_TRUNC : 0) |
		  (k->how & WRAP ? SCOLS_FL_WRAP : 0);

	/* Why a match stands where it stands is long: shown when asked for. */
	if (s->n == COLUMNS_MAX || ((k->how & WHY) && !option("explain")) ||
	    ((k->how & WIDE) && s->table && is_narrow()))
		return;
	*to = *k;
	if (s->c->zh && strcmp(k->member, "explanation.en") == 0)
		to->member = "explanation.zh";
	else if (s->c->zh && strcmp(k->member, "definition.en") == 0)
		to->member = "definition.zh";
	else if (s->c->zh && strcmp(k->member, "problem.title") == 0)
		to->member = "problem.title_zh";
	else if (s->c->zh && strcmp(k->en, "WHY") == 0 && strcmp(k->member, "en") == 0)
		to->member = "zh";
	if (s->table)
		scols_table_new_column(s->table, s->c->zh ? k->zh : k->en, 0, how);
	s->n++;
}

struct shown *show_begin(const struct ctl *c)
{
	struct shown *s = calloc(1, sizeof(*s));

	s->c = c;
	if (!option("csv") && !option("json"))
		s->table = scols_new_table();
	for (size_t i = 0; i < c->command->n_columns; i++)
		add_column(s, &c->command->columns[i]);
	return s;
}

static void add_line(struct shown *s, const json_t *names, const json_t *row)
{
	struct libscols_line *line = scols_table_new_line(s->table, NULL);

	for (size_t i = 0; i < s->n; i++) {
		const json_t *v = member(row, s->columns[i].member);
		char *text = show_value(s->c, names, s->columns[i].member, v);

		s->seen[i] = s->seen[i] || v;
		scols_line_set_data(line, i, text);
		free(text);
	}
}

void show_page(struct shown *s, const struct answer *a)
{
	const json_t *rows = json_object_get(a->json, s->c->command->list), *row;
	size_t i;

	if (option("json") && !option("all")) {
		printf("%s\n", a->text);
		return;
	}
	if (option("csv") && !s->begun) {
		show_csv_begin();
		for (i = 0; i < s->n; i++)
			put_heading(s->c, s->columns[i].member, i + 1 == s->n);
	}
	s->begun = true;
	json_array_foreach((json_t *)rows, i, row)
	{
		if (option("json")) {
			json_dumpf(row, stdout, JSON_COMPACT | JSON_ENCODE_ANY);
			putchar('\n');
		} else if (option("csv")) {
			for (size_t k = 0; k < s->n; k++)
				put_value(s->c, s->columns[k].member,
				    member(row, s->columns[k].member), k + 1 == s->n);
		} else {
			add_line(s, json_object_get(a->json, "code_names"), row);
		}
	}
}

/* A column of which no answer had anything, as a rank that is masked, is left out. */
void show_finish(struct shown *s, bool whole)
{
	for (size_t i = 0; s->table && i < s->n; i++)
		if (!s->seen[i] && scols_table_get_nlines(s->table))
			scols_column_set_flags(scols_table_get_column(s->table, i),
			    SCOLS_FL_HIDDEN);
	if (s->table && scols_table_get_nlines(s->table))
		scols_print_table(s->table);
	else if (s->table && whole && !option("quiet"))
		problem_say(s->c, "nothing found", "没有符合条件的记录");
	fflush(stdout); /* what is said next comes below it */
	scols_unref_table(s->table);
	free(s);
}

void show_csv_member(const struct ctl *c, const char *name, const json_t *v)
{
	put_heading(c, name, false);
	put_value(c, name, v, true);
}

static bool is_time_to_show(void)
{
	static int64_t shown_ms;
	struct timespec t;
	int64_t ms;

	clock_gettime(CLOCK_MONOTONIC, &t);
	ms = (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
	if (ms - shown_ms < PROGRESS_MS)
		return false;
	shown_ms = ms;
	return true;
}

void show_progress(const char *words, unsigned long done, unsigned long all)
{
	static bool is_shown;

	if (option("quiet") || !isatty(STDERR_FILENO) ||
	    (words ? !is_time_to_show() : !is_shown))
		return;
	is_shown = words;
	if (!words)
		fputs("\r\033[K", stderr);
	else if (!all)
		fprintf(stderr, "\r%s %lu", words, done);
	else
		fprintf(stderr, "\r[%-50.*s] %3lu%% %s", (int)(done * 50 / all),
		    "##################################################", done * 100 / all,
		    words);
}
