/*
 * A file with printed lines between two marks: written anew, or compared.
 *
 * It knows nothing of what is printed, and changes nothing outside the marks.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/buf.h"
#include "daemon/tables/print.h"

struct marked {
	struct buf before, between, after; /* the marks stand in before and after */
	size_t line;                       /* of the first mark */
};

static bool is_mark(const char *line, const char *which, const char *name)
{
	const char *at = strstr(line, which);
	size_t n = strlen(name);

	return at && strncmp(at += strlen(which), name, n) == 0 && strchr(" \n", at[n]);
}

static void marked_free(struct marked *m)
{
	buf_free(&m->before);
	buf_free(&m->between);
	buf_free(&m->after);
}

static bool marked_read(struct marked *m, const char *path, const char *name)
{
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t size = 0, n = 0;
	int marks = 0;

	*m = (struct marked){ 0 };
	if (!f) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return false;
	}
	while (getline(&line, &size, f) >= 0) {
		n++;
		if (marks == 1 && is_mark(line, "printed: end ", name))
			marks = 2;
		buf_puts(marks == 0 ? &m->before : marks == 1 ? &m->between : &m->after, line);
		if (marks == 0 && is_mark(line, "printed: begin ", name)) {
			marks = 1;
			m->line = n;
		}
	}
	free(line);
	fclose(f);
	if (marks == 2)
		return true;
	fprintf(stderr,
	    "%s: two lines are needed, \"printed: begin %s\" and \"printed: end %s\"\n", path,
	    name, name);
	marked_free(m);
	return false;
}

static bool put(FILE *f, const char *text, size_t n)
{
	return fwrite(text, 1, n, f) == n;
}

bool printed_write(const char *path, const char *name, const char *text)
{
	struct marked m;
	FILE *f;
	bool fine;

	if (!marked_read(&m, path, name))
		return false;
	f = fopen(path, "we");
	fine = f && put(f, m.before.data, m.before.len) && put(f, text, strlen(text)) &&
	       put(f, m.after.data, m.after.len);
	if (f && fclose(f) != 0)
		fine = false;
	if (!fine)
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
	marked_free(&m);
	return fine;
}

bool printed_check(const char *path, const char *name, const char *text)
{
	struct marked m;
	const char *is, *would_be = text;
	size_t line;

	if (!marked_read(&m, path, name))
		return false;
	is = m.between.len ? m.between.data : "";
	for (line = m.line + 1; *is || *would_be; line++) {
		size_t n = strcspn(is, "\n"), k = strcspn(would_be, "\n");

		if (n != k || memcmp(is, would_be, n) != 0) {
			fprintf(stderr,
			    "%s:%zu: \"%.*s\", but config/data says \"%.*s\"; run cmake --build build --target printed\n",
			    path, line, (int)n, is, (int)k, would_be);
			marked_free(&m);
			return false;
		}
		is += n + (is[n] == '\n');
		would_be += k + (would_be[k] == '\n');
	}
	marked_free(&m);
	return true;
}

void print_string(FILE *out, const char *text, const char *end)
{
	if (!text) {
		fprintf(out, "NULL%s", end);
		return;
	}
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', out);
		fputc(*text, out);
	}
	fprintf(out, "\"%s", end);
}
