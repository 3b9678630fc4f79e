/*
 * The registers' members, and a spreadsheet of entries: CSV (RFC 4180) into requests.
 *
 * A column is named as the API names the member, or in Chinese; a cell of a code may hold any
 * of the words that mean it.  The whole file is read before anything is sent, so that a column
 * nobody knows, or a quote that is not closed, stops it at once.  Rows go out one at a time, in
 * the file's order, as one may rest on another.  The key of a row is made of what it says: a
 * row that says the same as one above is told and not sent, and the same file again is the same
 * requests.
 */
#include "clients/cli/register_commands.h"

#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#define CELLS_MAX 64

#include "clients/cli/code_words.h" /* printed by the build */

static const struct register_member members[] = {
#include "clients/cli/register_members.inc"
};

static const struct {
	const char *noun, *name, *code, *words;
} words[] = {
#include "clients/cli/register_words.inc"
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool is_of(const struct command *k, const char *noun)
{
	size_t n = strlen(noun);

	return strncmp(k->words, noun, n) == 0 && k->words[n] == ' ';
}

/* An option has hyphens where its member has underscores. */
static bool is_named(const char *member, const char *name)
{
	while (*member && (*member == *name || (*member == '_' && *name == '-'))) {
		member++;
		name++;
	}
	return !*member && !*name;
}

const struct register_member *register_member(const struct command *k, const char *name)
{
	const struct register_member *any = NULL;

	for (size_t i = 0; i < COUNT(members); i++) {
		if (!is_named(members[i].name, name))
			continue;
		if (is_of(k, members[i].noun))
			return &members[i];
		any = any ? any : &members[i];
	}
	return any;
}

json_t *register_ordered(const struct command *k, const json_t *answer)
{
	json_t *ordered;

	if (!json_is_object(answer))
		return json_incref((json_t *)answer);
	ordered = json_object();
	for (size_t i = 0; i < COUNT(members); i++)
		if (k && is_of(k, members[i].noun) && json_object_get(answer, members[i].name))
			json_object_set(ordered, members[i].name,
			    json_object_get(answer, members[i].name));
	json_object_update_missing(ordered, (json_t *)answer);
	return ordered;
}

/* A column's member; NULL: this register has none of that name. */
static const struct register_member *column_of(const struct command *k, const char *header)
{
	for (size_t i = 0; i < COUNT(members); i++)
		if (is_of(k, members[i].noun) && members[i].kind &&
		    (strcmp(members[i].name, header) == 0 ||
			strcmp(members[i].zh, header) == 0))
			return &members[i];
	return NULL;
}

static bool is_among(const char *all, const char *word)
{
	size_t n = strlen(word);

	while (*all) {
		size_t len = strcspn(all, "|");

		if (len == n && strncasecmp(all, word, n) == 0)
			return true;
		all += len + (all[len] == '|');
	}
	return false;
}

/* What is no word for a code goes as it stands: the exchange says what would be right. */
static const char *code_of(const struct register_member *m, const char *word)
{
	for (size_t i = 0; i < COUNT(words); i++)
		if (strcmp(words[i].noun, m->noun) == 0 &&
		    strcmp(words[i].name, m->name) == 0 && is_among(words[i].words, word))
			return words[i].code;
	return word;
}

static json_t *value_of(const struct register_member *m, const char *cell)
{
	const char *code = code_of(m, cell);
	char *end;
	long long n = strtoll(cell, &end, 10);

	if (m->kind == 'n' && *cell && !*end)
		return json_integer(n);
	if (m->kind == 'f' && (strcmp(code, "true") == 0 || strcmp(code, "false") == 0))
		return json_boolean(*code == 't');
	return json_string(code);
}

/* One record, cut in place; returns how many cells, or CELLS_MAX + 1 for too many.  *at goes
 * behind it, *line on by the lines it took; *open is the line on which a quote begins that is
 * not closed, or 0. */
static size_t take_record(char **at, unsigned long *line, char *cells[CELLS_MAX],
    unsigned long *open)
{
	char *from = *at, *to = from;
	bool quoted = false;
	size_t n = 1;

	*open = 0;
	cells[0] = to;
	for (; *from && (quoted || (*from != '\n' && *from != '\r')); from++) {
		if (*from == '\n')
			++*line;
		if (*from == '"' && quoted && from[1] == '"')
			*to++ = *from++;
		else if (*from == '"') {
			quoted = !quoted;
			*open = quoted ? *line + 1 : 0;
		} else if (*from != ',' || quoted)
			*to++ = *from;
		else if (n == CELLS_MAX)
			return CELLS_MAX + 1;
		else {
			*to++ = '\0';
			cells[n++] = to;
		}
	}
	from += *from == '\r';
	from += *from == '\n';
	++*line;
	*to = '\0';
	*at = from;
	return n;
}

/* A row by what it says. */
struct row {
	char *text;
	unsigned long line;
	UT_hash_handle hh;
};

/* The line that said the same before; 0: this one is the first. */
static unsigned long line_before(struct row **rows, char *text, unsigned long line)
{
	struct row *r;

	HASH_FIND_STR(*rows, text, r);
	if (r) {
		free(text);
		return r->line;
	}
	r = calloc(1, sizeof(*r));
	r->text = text;
	r->line = line;
	HASH_ADD_KEYPTR(hh, *rows, r->text, strlen(r->text), r);
	return 0;
}

/* FNV-1a. */
static uint64_t hash_of(const char *noun, const char *body)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (const char *parts[] = { noun, body }, **p = parts; p < parts + 2; p++)
		for (const char *c = *p; *c; c++)
			h = (h ^ (unsigned char)*c) * UINT64_C(0x100000001b3);
	return h;
}

static void put_request(FILE *out, const struct ctl *c, const json_t *body, const char *text)
{
	char key[32];
	json_t *line;

	snprintf(key, sizeof(key), "row-%016llx",
	    (unsigned long long)hash_of(c->command->path, text));
	line = json_pack("{s:s, s:s, s:s, s:O}", "method", "POST", "path", c->command->path,
	    "idempotency_key", key, "body", body);
	json_dumpf(line, out, JSON_COMPACT);
	json_decref(line);
}

/* Empty cells say nothing. */
static json_t *body_of(const struct register_member *const *columns, char *const *cells,
    size_t n)
{
	json_t *body = json_object();

	for (size_t i = 0; i < n; i++)
		if (*cells[i])
			json_object_set_new(body, columns[i]->name,
			    value_of(columns[i], cells[i]));
	return body;
}

static bool read_header(const struct ctl *c, char *const *cells, size_t n,
    const struct register_member **columns)
{
	for (size_t i = 0; i < n; i++) {
		columns[i] = column_of(c->command, cells[i]);
		if (!columns[i]) {
			problem_say(c,
			    "line 1: there is no column \"%s\"; `vacancyctl help %s` names them",
			    "第 1 行：没有“%s”这一列；列名见 vacancyctl help %s", cells[i],
			    c->command->words);
			return false;
		}
	}
	return true;
}

/* What is wrong with a record as such; false: it is to be sent. */
static bool is_broken(const struct ctl *c, size_t n, size_t known, unsigned long line,
    unsigned long open)
{
	if (open)
		problem_say(c, "line %lu: a quote that is not closed; nothing was sent",
		    "第 %lu 行：引号未闭合；未发送任何内容", open);
	else if (n > known)
		problem_say(c, "line %lu: more cells than columns; nothing was sent",
		    "第 %lu 行：单元格多于列；未发送任何内容", line);
	return open || n > known;
}

/* Each request stands on the line its row ends on, so that a receipt names that line. */
static bool put_rows(const struct ctl *c, char *text, FILE *out, struct row **rows)
{
	const struct register_member *columns[CELLS_MAX];
	char *cells[CELLS_MAX];
	unsigned long line = 0, done = 0, open, before;
	size_t known = take_record(&text, &line, cells, &open);

	if (is_broken(c, known, CELLS_MAX, line, open) ||
	    !read_header(c, cells, known, columns))
		return false;
	while (*text) {
		size_t n = take_record(&text, &line, cells, &open);

		if (is_broken(c, n, known, line, open))
			return false;
		if (n == 1 && !*cells[0])
			continue;

		json_t *body = body_of(columns, cells, n);
		char *said = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS);

		before = line_before(rows, said, line);
		if (before) {
			problem_say(c, "line %lu is line %lu again, and is sent once",
			    "第 %lu 行与第 %lu 行相同，只发送一次", line, before);
		} else {
			for (; done + 1 < line; done++)
				fputc('\n', out);
			put_request(out, c, body, said);
		}
		json_decref(body);
	}
	fputc('\n', out);
	if (!*rows)
		problem_say(c, "%s: no rows", "%s：没有数据行", c->argv[0]);
	return true;
}

static bool put_requests(const struct ctl *c, char *text, FILE *out)
{
	struct row *rows = NULL, *r, *next;
	bool fine = put_rows(c, text, out, &rows);

	r = rows;
	HASH_CLEAR(hh, rows);
	for (; r; r = next) {
		next = r->hh.next;
		free(r->text);
		free(r);
	}
	return fine;
}

/* As UTF-8 without its mark; NULL: said why. */
static char *read_text(const struct ctl *c, FILE *in)
{
	const char *charset = option("charset");
	char *raw = NULL, *text = NULL;
	size_t size, len;
	FILE *to = open_memstream(&raw, &size);
	char bytes[8192], *from, *end;
	iconv_t convert;

	while ((len = fread(bytes, 1, sizeof(bytes), in)))
		fwrite(bytes, 1, len, to);
	fclose(to);
	if (ferror(in) || !size) {
		problem_say(c, "%s: %s", "%s：%s", c->argv[0],
		    ferror(in) ? strerror(errno)
		    : c->zh    ? "文件为空"
			       : "the file is empty");
		free(raw);
		return NULL;
	}
	convert = iconv_open("UTF-8", charset ? charset : "UTF-8");
	text = calloc(1, 2 * size + 1);
	from = raw;
	end = text;
	len = 2 * size;
	if (convert == (iconv_t)-1 || iconv(convert, &from, &size, &end, &len) == (size_t)-1) {
		problem_say(c, "%s: not %s; try --charset gb18030",
		    "%s：不是 %s 编码；请试 --charset gb18030", c->argv[0],
		    charset ? charset : "UTF-8");
		free(text);
		text = NULL;
	}
	if (convert != (iconv_t)-1)
		iconv_close(convert);
	free(raw);
	if (text && strncmp(text, "\xef\xbb\xbf", 3) == 0)
		memmove(text, text + 3, strlen(text + 3) + 1);
	return text;
}

int import_entries_run(struct ctl *c)
{
	FILE *in = strcmp(c->argv[0], "-") == 0 ? stdin : fopen(c->argv[0], "r");
	FILE *requests = in ? tmpfile() : NULL;
	char *text = NULL;
	int code = EXIT_USAGE;

	if (!requests) {
		problem_say(c, "%s: %s", "%s：%s", c->argv[0], strerror(errno));
	} else {
		text = read_text(c, in);
		/* A sheet that was cut for want of room is not sent at all. */
		if (text && put_requests(c, text, requests)) {
			if (fflush(requests) == 0 && !ferror(requests))
				code = batch_send(c, requests, 1);
			else
				problem_say(c, "%s: nothing was sent: %s", "%s：未发送：%s",
				    c->argv[0], strerror(errno));
		}
		fclose(requests);
	}
	free(text);
	if (in && in != stdin)
		fclose(in);
	return code;
}
