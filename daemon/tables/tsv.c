/*
 * Reading a table: open, cut into rows and fields, and say file and line when
 * something is wrong.
 *
 * It knows nothing of what the fields mean.  A line with too few or too many
 * fields is an error, not a shorter row.
 */
#include "daemon/tables/tsv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "daemon/base/oom.h"

/* The largest table is 190 kB. */
enum { FILE_MAX = 16 * 1024 * 1024 };

static char *read_whole(const char *path)
{
	FILE *f = fopen(path, "re");
	size_t room = 65536;
	size_t len = 0;
	char *text;

	if (!f)
		return NULL;
	text = must_alloc(room);
	for (;;) {
		size_t got = fread(text + len, 1, room - len - 1, f);

		len += got;
		if (got == 0)
			break;
		if (len + 1 < room)
			continue;
		room *= 2;
		text = must_realloc(text, room);
		if (room > FILE_MAX) {
			errno = EFBIG;
			break;
		}
	}
	if (ferror(f) || room > FILE_MAX) {
		free(text);
		text = NULL;
	} else {
		text[len] = '\0';
	}
	fclose(f);
	return text;
}

/* The next line without its end, or NULL. */
static char *take_line(struct tsv *t)
{
	char *line = t->next && *t->next ? strsep(&t->next, "\n") : NULL;
	size_t len;

	if (!line)
		return NULL;
	len = strlen(line);
	if (len && line[len - 1] == '\r')
		line[len - 1] = '\0';
	t->line++;
	return line;
}

static int count(const char *s, char c)
{
	int n = 0;

	for (; *s; s++)
		n += *s == c;
	return n;
}

bool tsv_open(struct tsv *t, const char *dir, const char *name, const char *header)
{
	const char *line;

	memset(t, 0, sizeof(*t));
	snprintf(t->path, sizeof(t->path), "%s/%s", dir, name);
	t->text = read_whole(t->path);
	if (!t->text) {
		fprintf(stderr, "%s: %s\n", t->path, strerror(errno));
		return false;
	}
	t->next = t->text;
	t->columns = count(header, '\t') + 1;
	t->lines = (size_t)count(t->text, '\n') + 1;
	line = take_line(t);
	if (!line || strcmp(line, header) != 0) {
		fprintf(stderr, "%s:1: the header must be \"%s\"\n", t->path, header);
		free(t->text);
		t->text = NULL;
		return false;
	}
	return true;
}

bool tsv_next(struct tsv *t)
{
	char *rest = take_line(t);
	int n = 0;

	if (!rest)
		return false;
	while (rest && n < TSV_FIELDS)
		t->field[n++] = strsep(&rest, "\t");
	if (rest || n != t->columns) {
		fprintf(stderr, "%s:%zu: %d fields are expected\n", t->path, t->line,
		    t->columns);
		t->is_broken = true;
		return false;
	}
	return true;
}

bool tsv_refuse(struct tsv *t, const char *what, const char *value)
{
	fprintf(stderr, "%s:%zu: %s: \"%s\"\n", t->path, t->line, what, value);
	t->is_broken = true;
	return false;
}

bool tsv_refuse_table(const struct tsv *t, const char *what, const char *value)
{
	fprintf(stderr, "%s: %s: \"%s\"\n", t->path, what, value);
	return false;
}

bool tsv_has_word(const char *words, const char *word, size_t n)
{
	while (*words) {
		size_t len = strcspn(words, "|");

		if (len == n && strncasecmp(words, word, n) == 0)
			return true;
		words += len + (words[len] == '|');
	}
	return false;
}
