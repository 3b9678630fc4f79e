/*
 * Lines in and out of a driver.  It knows no command.
 */
#include "tests/integration/driver_lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

#include "daemon/base/buf.h"
#include "daemon/base/oom.h"

struct driver_lines {
	struct event_base *base;
	struct bufferevent *input;
	driver_line *each;
	void *arg;
};

static void on_input(struct bufferevent *input, void *arg)
{
	const struct driver_lines *l = arg;
	char *line;

	while ((line = evbuffer_readln(bufferevent_get_input(input), NULL, EVBUFFER_EOL_LF))) {
		l->each(l->arg, line);
		free(line);
	}
}

static void on_end(struct bufferevent *input, short what, void *arg)
{
	const struct driver_lines *l = arg;

	(void)input;
	(void)what;
	event_base_loopbreak(l->base);
}

struct driver_lines *driver_lines_new(struct event_base *base, driver_line *each, void *arg)
{
	struct driver_lines *l = must_alloc(sizeof(*l));

	l->base = base;
	l->each = each;
	l->arg = arg;
	l->input = bufferevent_socket_new(base, STDIN_FILENO, 0);
	if (!l->input || evutil_make_socket_nonblocking(STDIN_FILENO) != 0)
		abort();
	bufferevent_setcb(l->input, on_input, NULL, on_end, l);
	bufferevent_enable(l->input, EV_READ);
	return l;
}

void driver_lines_free(struct driver_lines *l)
{
	bufferevent_free(l->input);
	free(l);
}

void driver_words(char *line, char **words, size_t n)
{
	static char nothing[] = "";

	for (size_t i = 0; i < n; i++) {
		words[i] = i + 1 < n ? strsep(&line, " ") : line;
		if (!words[i])
			words[i] = nothing;
	}
}

void driver_begin(struct buf *b, const char *tag, const char *result)
{
	buf_puts(b, "{\"tag\":");
	buf_json(b, tag);
	buf_puts(b, ",\"result\":");
	buf_json(b, result);
}

void driver_say(struct buf *b)
{
	puts(b->data);
	fflush(stdout);
	buf_free(b);
}
