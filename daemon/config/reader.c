/*
 * Reading a libConfuse file so that every fault has its line.
 *
 * It owns the messages and knows no option.  libConfuse
 * stops at the first value that a check refuses, so checks report here and let
 * it go on, and one reading shows all that is wrong; and it counts the lines of
 * comments three times, so it is given the text without them.
 */
#include "daemon/config/reader.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/buf.h"

#define FILE_MAX ((size_t)1024 * 1024)

static const char *file;
static int n_faults;
static bool reading; /* only then does a line mean anything */

static void tell(cfg_t *cfg, const char *text)
{
	n_faults++;
	if (cfg && reading)
		fprintf(stderr, "%s:%d: %s\n", file, cfg->line, text);
	else
		fprintf(stderr, "%s: %s\n", file, text);
}

/* What libConfuse itself finds. */
__attribute__((format(printf, 2, 0))) static void on_error(cfg_t *cfg, const char *fmt,
    va_list ap)
{
	char text[512];

	vsnprintf(text, sizeof(text), fmt, ap);
	tell(cfg, text);
}

void reader_fault(cfg_t *cfg, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	tell(cfg, text);
}

int reader_faults(void)
{
	return n_faults;
}

static bool read_text(const char *path, struct buf *out)
{
	FILE *f = fopen(path, "r");
	char piece[4096];
	size_t n;

	if (!f)
		return false;
	while (out->len <= FILE_MAX && (n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_put(out, piece, n);
	if (ferror(f)) {
		fclose(f);
		return false;
	}
	fclose(f);
	buf_put(out, "", 0);
	if (out->len <= FILE_MAX && !memchr(out->data, '\0', out->len))
		return true;
	errno = EINVAL; /* too long for what it is, or not text */
	return false;
}

/* Blanks what stands between a # outside quotes and the end of its line. */
static void drop_comments(char *s)
{
	char quote = '\0';

	for (; *s; s++) {
		if (quote && *s == '\\' && s[1])
			s++;
		else if (quote && *s == quote)
			quote = '\0';
		else if (!quote && (*s == '"' || *s == '\''))
			quote = *s;
		else if (!quote && *s == '#')
			while (*s && *s != '\n')
				*s++ = ' ';
		if (!*s)
			return;
	}
}

cfg_t *reader_open(const char *path, cfg_opt_t *opts, cfg_validate_callback_t check)
{
	struct buf text = { 0 };
	cfg_t *cfg;

	n_faults = 0;
	file = path;
	if (!read_text(path, &text)) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		buf_free(&text);
		return NULL;
	}
	drop_comments(text.data);
	cfg = cfg_init(opts, CFGF_NONE);
	cfg_set_error_function(cfg, on_error);
	for (cfg_opt_t *o = opts; check && o->name; o++)
		cfg_set_validate_func(cfg, o->name, check);
	reading = true;
	if (cfg_parse_buf(cfg, text.data) != CFG_SUCCESS && n_faults == 0)
		reader_fault(cfg, "cannot be understood");
	reading = false;
	buf_free(&text);
	if (n_faults == 0)
		return cfg;
	cfg_free(cfg);
	return NULL;
}
