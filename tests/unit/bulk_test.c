/*
 * The reader of replies against a socket that sends what the test says, in
 * pieces of any size: Redis never tells where one read will end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <event2/event.h>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/base/buf.h"
#include "daemon/board/bulk.h"
#include "daemon/board/redis.h"

/* What was heard, as text: each text in brackets, "." a reply, "!" and a status what was lost.
 */
struct world {
	char folder[32], path[64];
	int listener, peer;
	struct event_base *base;
	struct bulk *k;
	struct buf heard;
	bool free_at_text, free_at_reply;
};

static void forget(struct world *w)
{
	bulk_free(w->k);
	w->k = NULL;
}

static void on_text(void *arg, char *s, size_t n)
{
	struct world *w = arg;

	assert_int_equal(strlen(s), n);
	if (n < 100)
		buf_printf(&w->heard, "[%s]", s);
	else
		buf_printf(&w->heard, "[%zu]", n);
	if (w->free_at_text)
		forget(w);
}

static void on_reply(void *arg)
{
	struct world *w = arg;

	buf_putc(&w->heard, '.');
	if (w->free_at_reply)
		forget(w);
}

static void on_lost(void *arg, enum status st)
{
	struct world *w = arg;

	buf_printf(&w->heard, "!%s", status_name(st));
}

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	const struct bulk_events to = { .text = on_text,
		.reply = on_reply,
		.lost = on_lost,
		.arg = w };
	char address[80];

	(void)snprintf(w->folder, sizeof(w->folder), "/tmp/bulk-XXXXXX");
	assert_non_null(mkdtemp(w->folder));
	(void)snprintf(w->path, sizeof(w->path), "%s/s", w->folder);
	(void)snprintf(name.sun_path, sizeof(name.sun_path), "%s", w->path);
	w->listener = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(w->listener, (struct sockaddr *)&name, sizeof(name)), 0);
	assert_int_equal(listen(w->listener, 1), 0);
	w->base = event_base_new();
	(void)snprintf(address, sizeof(address), "unix:%s", w->path);
	w->k = bulk_new(w->base, &(struct redis_server){ .address = address }, 60000, &to);
	event_base_loop(w->base, EVLOOP_ONCE);
	w->peer = accept(w->listener, NULL, NULL);
	assert_true(w->peer >= 0);
	buf_puts(&w->heard, "");
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	bulk_free(w->k);
	event_base_loop(w->base, EVLOOP_NONBLOCK);
	event_base_free(w->base);
	close(w->peer);
	close(w->listener);
	unlink(w->path);
	rmdir(w->folder);
	buf_free(&w->heard);
	free(w);
	return 0;
}

static void ask(struct world *w, size_t n)
{
	for (size_t i = 0; i < n; i++)
		bulk_send(w->k, "*1\r\n$4\r\nPING\r\n", 14, 1);
}

static void send_in_pieces(struct world *w, const char *s, size_t n, size_t piece)
{
	for (size_t at = 0; at < n; at += piece) {
		size_t some = n - at < piece ? n - at : piece;

		assert_int_equal(write(w->peer, s + at, some), (ssize_t)some);
		event_base_loop(w->base, EVLOOP_NONBLOCK);
	}
}

static void hears(struct world *w, const char *sent, const char *heard)
{
	send_in_pieces(w, sent, strlen(sent), strlen(sent));
	assert_string_equal(w->heard.data, heard);
}

static void replies_are_the_same_however_they_are_cut(void **state)
{
	static const char sent[] = "*2\r\n$1\r\na\r\n$3\r\nb\r\n\r\n:12\r\n*0\r\n+OK\r\n"
				   "*3\r\n$0\r\n\r\n:7\r\n$-1\r\n*-1\r\n$2\r\nno\r\n";
	struct world *w = *state;

	for (size_t piece = 1; piece < sizeof(sent); piece++) {
		buf_clear(&w->heard);
		ask(w, 7);
		send_in_pieces(w, sent, sizeof(sent) - 1, piece);
		assert_string_equal(w->heard.data, "[a][b\r\n]...."
						   "[]...");
	}
}

static void a_text_may_be_larger_than_the_room_for_it(void **state)
{
	enum { LARGE = 300000, HEAD = 13 };
	static const char after[] = "\r\n*1\r\n$1\r\ny\r\n";
	struct world *w = *state;
	char *sent = calloc(1, HEAD + LARGE + sizeof(after));

	ask(w, 2);
	memcpy(sent, "*1\r\n$300000\r\n", HEAD);
	memset(sent + HEAD, 'x', LARGE);
	memcpy(sent + HEAD + LARGE, after, sizeof(after));
	send_in_pieces(w, sent, strlen(sent), 50001);
	assert_string_equal(w->heard.data, "[300000].[y].");
	free(sent);
}

static void an_error_is_the_end_and_is_told_at_its_reply(void **state)
{
	struct world *w = *state;

	ask(w, 3);
	hears(w, ":1\r\n-LOADING it is\r\n:2\r\n", ".!unavailable");
}

static void an_error_within_an_array_is_one_too(void **state)
{
	struct world *w = *state;

	ask(w, 1);
	hears(w, "*2\r\n-ERR so\r\n$1\r\na\r\n", "[a]!internal");
}

static void what_was_not_asked_for_is_a_fault(void **state)
{
	hears(*state, ":1\r\n", "!internal");
}

static void what_is_no_reply_is_a_fault(void **state)
{
	static const char *const faults[] = { "*1\r\n*1\r\n", "$x\r\n", "$\r\n", "$-2\r\n",
		"*99999999999\r\n", "$99999999999999999999\r\n", "?\r\n", "\r\n\r\n",
		"HTTP/1.1 400 Bad Request\r\n", "*1\n\r\n" };

	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
		struct world *w;

		assert_int_equal(set_up((void **)&w), 0);
		ask(w, 1);
		hears(w, faults[i], "!internal");
		assert_int_equal(tear_down((void **)&w), 0);
	}
	(void)state;
}

static void a_nul_for_a_kind_is_a_fault(void **state)
{
	struct world *w = *state;

	ask(w, 1);
	send_in_pieces(w, "\0\r\n\r\n", 5, 5);
	assert_string_equal(w->heard.data, "!internal");
}

static void a_closed_connection_is_told_once(void **state)
{
	struct world *w = *state;

	ask(w, 2);
	hears(w, "*2\r\n$1\r\na\r\n$1\r\n", "[a]");
	shutdown(w->peer, SHUT_RDWR);
	for (int i = 0; i < 3; i++)
		event_base_loop(w->base, EVLOOP_NONBLOCK);
	assert_string_equal(w->heard.data, "[a]!unavailable");
}

static void it_may_be_freed_by_whoever_is_told(void **state)
{
	struct world *w = *state;

	ask(w, 1);
	w->free_at_text = true;
	hears(w, "*2\r\n$1\r\na\r\n$1\r\nb\r\n", "[a]");
	assert_null(w->k);
}

static void it_may_be_freed_at_a_reply(void **state)
{
	struct world *w = *state;

	ask(w, 2);
	w->free_at_reply = true;
	hears(w, ":1\r\n*1\r\n$1\r\nb\r\n", ".");
	assert_null(w->k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define IN_A_WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
		IN_A_WORLD(replies_are_the_same_however_they_are_cut),
		IN_A_WORLD(a_text_may_be_larger_than_the_room_for_it),
		IN_A_WORLD(an_error_is_the_end_and_is_told_at_its_reply),
		IN_A_WORLD(an_error_within_an_array_is_one_too),
		IN_A_WORLD(what_was_not_asked_for_is_a_fault),
		cmocka_unit_test(what_is_no_reply_is_a_fault),
		IN_A_WORLD(a_nul_for_a_kind_is_a_fault),
		IN_A_WORLD(a_closed_connection_is_told_once),
		IN_A_WORLD(it_may_be_freed_by_whoever_is_told),
		IN_A_WORLD(it_may_be_freed_at_a_reply),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
