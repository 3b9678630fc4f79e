/*
 * The log: one logfmt line an event.
 *
 * It owns the shape of a line and nothing of what is said, and knows how many were lost
 * because nobody read them.  A line is one write(2), so the lines of several workers never
 * mix.  When standard error is
 * the journal, a line begins with its priority, <4>, and leaves the time to
 * journald.
 */
#include "daemon/log/log.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "daemon/base/buf.h"
#include "daemon/log/lines.h"

#define VALUE_MAX 512 /* bytes of a value that are kept */

static const struct {
	const char *name;
	char syslog; /* sd-daemon(3) */
} levels[] = {
	[LOG_LEVEL_ERROR] = { "error", '3' },
	[LOG_LEVEL_WARN] = { "warn", '4' },
	[LOG_LEVEL_INFO] = { "info", '6' },
	[LOG_LEVEL_DEBUG] = { "debug", '7' },
};

static enum log_level threshold = LOG_LEVEL_WARN;
static char who[16] = "main";
static bool to_journal;
static uint64_t lost, untold; /* lines; of those, not yet said in the log itself */
static uint64_t taken;        /* of those that were lost, by log_take_lost() */

bool log_level_of(const char *name, enum log_level *out)
{
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (strcmp(levels[i].name, name) == 0) {
			*out = (enum log_level)i;
			return true;
		}
	return false;
}

/* $JOURNAL_STREAM names the device and inode of the stream that systemd gave us. */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	struct stat st;
	char ours[64];

	if (!stream || fstat(STDERR_FILENO, &st) != 0)
		return false;
	snprintf(ours, sizeof(ours), "%llu:%llu", (unsigned long long)st.st_dev,
	    (unsigned long long)st.st_ino);
	return strcmp(stream, ours) == 0;
}

void log_open(enum log_level level, const char *worker)
{
	threshold = level;
	snprintf(who, sizeof(who), "%s", worker);
	to_journal = stderr_is_journal();
}

bool log_is_on(enum log_level level)
{
	return level <= threshold;
}

static void put_time(struct buf *b)
{
	struct timespec now;
	struct tm utc;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	buf_printf(b, "time=%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ ", utc.tm_year + 1900,
	    utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
	    now.tv_nsec / 1000000);
}

static bool is_plain(const char *v)
{
	if (!*v)
		return false;
	for (; *v; v++) {
		unsigned char c = (unsigned char)*v;

		if (c <= 0x20 || c == '"' || c == '=' || c == '\\' || c == 0x7f)
			return false;
	}
	return true;
}

static void put_value(struct buf *b, const char *v)
{
	char cut[VALUE_MAX + 4];
	size_t n = VALUE_MAX;

	if (strlen(v) > VALUE_MAX) {
		/* Between characters: a UTF-8 continuation is 10xxxxxx. */
		while (n > 0 && ((unsigned char)v[n] & 0xc0) == 0x80)
			n--;
		memcpy(cut, v, n);
		memcpy(cut + n, "...", 4);
		v = cut;
	}
	if (is_plain(v))
		buf_puts(b, v);
	else
		buf_json(b, v);
}

static void begin_line(struct buf *line, enum log_level level, const char *event)
{
	if (to_journal)
		buf_printf(line, "<%c>", levels[level].syslog);
	else
		put_time(line);
	buf_printf(line, "level=%s worker=%s event=%s", levels[level].name, who, event);
}

/* Once there is room again: where lines are missing, one says how many.  False: there is none.
 */
static bool tell_lost(void)
{
	struct buf line = { 0 };

	if (!lines_flush())
		return false;
	begin_line(&line, LOG_LEVEL_WARN, "log.lost");
	buf_printf(&line, " lines=%llu\n", (unsigned long long)untold);
	if (lines_put(line.data, line.len))
		untold = 0;
	buf_free(&line);
	return untold == 0;
}

void log_event(enum log_level level, const char *event, ...)
{
	struct buf line = { 0 };
	const char *key, *value;
	va_list ap;

	if (level > threshold)
		return;
	begin_line(&line, level, event);
	va_start(ap, event);
	while ((key = va_arg(ap, const char *))) {
		value = va_arg(ap, const char *);
		buf_printf(&line, " %s=", key);
		put_value(&line, value ? value : "");
	}
	va_end(ap);
	buf_putc(&line, '\n');
	if ((untold > 0 && !tell_lost()) || !lines_put(line.data, line.len)) {
		untold++;
		lost++;
	}
	buf_free(&line);
}

void log_never_wait(void)
{
	lines_never_wait();
}

void log_flush(void)
{
	if (untold > 0)
		(void)tell_lost();
	else
		(void)lines_flush();
}

void log_forked(void)
{
	lines_forget();
	untold = lost = taken = 0;
}

uint64_t log_take_lost(void)
{
	uint64_t n = lost - taken;

	taken = lost;
	return n;
}
