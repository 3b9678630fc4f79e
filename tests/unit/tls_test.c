/*
 * TLS on a pair of sockets: what a session gives back when, with OpenSSL's own client at the
 * other end.  What is offered to a client is tried over the network (test_tls.py).
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "daemon/http/tls.h"

static struct tls *tls;

struct pair {
	int fds[2];
	struct tls_session *ours;
	SSL_CTX *context;
	SSL *theirs;
};

static FILE *create(char *path)
{
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	return fdopen(fd, "w");
}

/* A certificate that vouches for itself. */
static int make_tls(void **state)
{
	char paths[2][32] = { "/tmp/tls_test.XXXXXX", "/tmp/tls_test.XXXXXX" };
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *own = X509_new();
	X509_NAME *name = X509_get_subject_name(own);
	FILE *files[2] = { create(paths[0]), create(paths[1]) };

	(void)state;
	X509_set_version(own, X509_VERSION_3);
	X509_gmtime_adj(X509_getm_notBefore(own), 0);
	X509_gmtime_adj(X509_getm_notAfter(own), 86400);
	X509_set_pubkey(own, key);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"a", -1, -1,
	    0);
	X509_set_issuer_name(own, name);
	assert_true(X509_sign(own, key, EVP_sha256()) > 0);
	assert_int_equal(PEM_write_X509(files[0], own), 1);
	assert_int_equal(PEM_write_PrivateKey(files[1], key, NULL, NULL, 0, NULL, NULL), 1);
	for (int i = 0; i < 2; i++)
		fclose(files[i]);
	tls = tls_read(paths[0], paths[1]);
	assert_non_null(tls);
	assert_int_equal(tls_valid_until(tls) - tls_valid_from(tls), 86400);
	for (int i = 0; i < 2; i++)
		unlink(paths[i]);
	X509_free(own);
	EVP_PKEY_free(key);
	return 0;
}

static int drop_tls(void **state)
{
	(void)state;
	tls_free(tls);
	return 0;
}

static struct pair meet(void)
{
	struct pair p;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, p.fds), 0);
	p.ours = tls_accept(tls, p.fds[0]);
	p.context = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_mode(p.context,
	    SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	p.theirs = SSL_new(p.context);
	SSL_set_fd(p.theirs, p.fds[1]);
	return p;
}

static struct pair agree(void)
{
	struct pair p = meet();
	int done = 0;
	char c;

	for (int i = 0; i < 10 && (done != 1 || !tls_is_open(p.ours)); i++) {
		done = SSL_connect(p.theirs);
		assert_int_equal(tls_receive(p.ours, &c, 1), -1);
		assert_int_equal(errno, EAGAIN);
	}
	assert_int_equal(done, 1);
	assert_true(tls_is_open(p.ours));
	return p;
}

static void part(struct pair *p)
{
	tls_session_free(p->ours);
	SSL_free(p->theirs);
	SSL_CTX_free(p->context);
	close(p->fds[0]);
	close(p->fds[1]);
}

static void a_record_without_anything_for_us_ends_the_call(void **state)
{
	struct pair p = agree();
	int calls = 0;
	char got[8];

	(void)state;
	for (int i = 0; i < 100; i++) {
		assert_int_equal(SSL_key_update(p.theirs, SSL_KEY_UPDATE_NOT_REQUESTED), 1);
		assert_int_equal(SSL_do_handshake(p.theirs), 1);
	}
	assert_int_equal(SSL_write(p.theirs, "x", 1), 1);
	while (tls_receive(p.ours, got, sizeof(got)) != 1) {
		assert_int_equal(errno, EAGAIN);
		assert_in_range(++calls, 1, 100);
	}
	assert_int_equal(calls, 100);
	part(&p);
}

/* As libpq leaves in the thread's queue what went wrong on a connection of its own. */
static void leave_an_error(void)
{
	ERR_raise(ERR_LIB_USER, 1);
}

static void what_others_left_in_the_queue_is_not_the_sessions(void **state)
{
	struct pair p = meet();
	char got[8], *much = calloc(1, TLS_RECORD);
	int done = 0;

	(void)state;
	memset(much, 'a', TLS_RECORD);
	for (int i = 0; i < 10 && (done != 1 || !tls_is_open(p.ours)); i++) {
		ERR_clear_error();
		done = SSL_connect(p.theirs);
		leave_an_error();
		assert_int_equal(tls_receive(p.ours, got, 1), -1);
		assert_int_equal(errno, EAGAIN);
	}
	assert_true(tls_is_open(p.ours));
	leave_an_error();
	assert_int_equal(tls_receive(p.ours, got, 1), -1);
	assert_int_equal(errno, EAGAIN);
	do
		leave_an_error();
	while (tls_send(p.ours, much, TLS_RECORD) > 0);
	assert_int_equal(errno, EAGAIN);
	ERR_clear_error();
	assert_int_equal(SSL_write(p.theirs, "x", 1), 1);
	leave_an_error();
	assert_int_equal(tls_receive(p.ours, got, sizeof(got)), 1);
	ERR_clear_error();
	free(much);
	part(&p);
}

static void whoever_has_room_for_a_record_leaves_none_behind(void **state)
{
	char *sent = calloc(1, TLS_RECORD), *got = calloc(1, TLS_RECORD);
	struct pair p = agree();

	(void)state;
	memset(sent, 'a', TLS_RECORD);
	assert_int_equal(SSL_write(p.theirs, sent, (int)TLS_RECORD), TLS_RECORD);
	assert_int_equal(tls_receive(p.ours, got, TLS_RECORD), TLS_RECORD);
	assert_memory_equal(got, sent, TLS_RECORD);
	assert_int_equal(tls_receive(p.ours, got, TLS_RECORD), -1);
	free(sent);
	free(got);
	part(&p);
}

static void what_has_not_left_is_sent_again_from_another_place(void **state)
{
	enum { ALL = 1 << 20 };
	char *sent = malloc(ALL), *got = malloc(ALL), *moved;
	size_t left = 0, come = 0, refused = 0;
	struct pair p = agree();
	ssize_t n;
	int more;

	(void)state;
	for (size_t i = 0; i < ALL; i++)
		sent[i] = (char)(i * 7 + i / 1021);
	while (come < ALL) {
		moved = malloc(ALL - left + 1); /* a copy where nothing was before */
		memcpy(moved, sent + left, ALL - left);
		n = left < ALL ? tls_send(p.ours, moved, ALL - left) : 0;
		free(moved);
		if (n > 0) {
			left += (size_t)n;
			continue;
		}
		refused += n < 0;
		assert_true(n == 0 || errno == EAGAIN);
		more = SSL_read(p.theirs, got + come, (int)(ALL - come));
		assert_true(more > 0);
		come += (size_t)more;
	}
	assert_true(refused > 0);
	assert_memory_equal(got, sent, ALL);
	free(sent);
	free(got);
	part(&p);
}

static void an_end_that_is_said_and_one_that_is_not_are_ends(void **state)
{
	struct pair p = agree();
	char c;

	(void)state;
	SSL_shutdown(p.theirs);
	assert_int_equal(tls_receive(p.ours, &c, 1), 0);
	assert_int_equal(tls_send(p.ours, "still", 5), 5);
	part(&p);
	p = agree();
	shutdown(p.fds[1], SHUT_WR);
	assert_int_equal(tls_receive(p.ours, &c, 1), 0);
	assert_int_equal(tls_send(p.ours, "still", 5), 5);
	part(&p);
}

static void what_is_no_tls_breaks_it_and_nothing_more_is_sent(void **state)
{
	struct pair p = agree();
	char c;

	(void)state;
	assert_int_equal(write(p.fds[1], "garbage", 7), 7);
	assert_int_equal(tls_receive(p.ours, &c, 1), -1);
	assert_int_equal(errno, EPROTO);
	assert_int_equal(tls_receive(p.ours, &c, 1), -1);
	assert_int_equal(errno, EPROTO);
	assert_int_equal(tls_send(p.ours, "x", 1), -1);
	assert_int_equal(errno, EPIPE);
	part(&p);
}

static void http_is_known_by_its_first_letter_and_left_where_it_is(void **state)
{
	static const char *const first[] = { "G", "POST / HTTP/1.1", "\x16\x03\x01", "get",
		"\n" };
	char got[16];

	(void)state;
	for (size_t i = 0; i < sizeof(first) / sizeof(*first); i++) {
		struct pair p = meet();
		size_t n = strlen(first[i]);

		assert_false(tls_hears_http(p.ours)); /* nothing has come */
		assert_int_equal(write(p.fds[1], first[i], n), n);
		assert_int_equal(tls_hears_http(p.ours), i < 2);
		assert_int_equal(recv(p.fds[0], got, sizeof(got), 0), n);
		part(&p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_without_anything_for_us_ends_the_call),
		cmocka_unit_test(what_others_left_in_the_queue_is_not_the_sessions),
		cmocka_unit_test(whoever_has_room_for_a_record_leaves_none_behind),
		cmocka_unit_test(what_has_not_left_is_sent_again_from_another_place),
		cmocka_unit_test(an_end_that_is_said_and_one_that_is_not_are_ends),
		cmocka_unit_test(what_is_no_tls_breaks_it_and_nothing_more_is_sent),
		cmocka_unit_test(http_is_known_by_its_first_letter_and_left_where_it_is),
	};

	return cmocka_run_group_tests(tests, make_tls, drop_tls);
}
