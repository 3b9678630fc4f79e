/*
 * TLS, on sockets that do not block.
 *
 * It owns what is offered to a client and all of OpenSSL, and refuses to know HTTP but for its
 * name in ALPN and its looks when it comes in the clear.  A record that carries nothing for us,
 * as the news of a key, ends a call of tls_receive, so that nobody who sends a stream of them
 * keeps the loop.
 */
#include "daemon/http/tls.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "daemon/base/oom.h"
#include "daemon/base/private_file.h"
#include "daemon/metrics/metrics.h"

/* Of 1.2; what 1.3 has is all good. */
#define CIPHERS                                                                                \
	"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"                           \
	"ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"                           \
	"ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
#define GROUPS "X25519:P-256:P-384"
#define LEVEL  2 /* of OpenSSL: keys as good as 112 bits, no SHA-1 */

struct tls {
	SSL_CTX *context;
	int64_t from, until;
};

struct tls_session {
	SSL *ssl;
	int fd;
	bool has_looked; /* whether it is HTTP that comes */
	bool is_open, is_shut, is_broken, wants_room;
};

/* Given, unless there is no memory. */
static void *given(void *p)
{
	if (!p)
		abort();
	return p;
}

/* --- certificate and key --- */

static bool openssl_fault(const char *path, const char *what)
{
	unsigned long first = ERR_peek_error();
	const char *why = ERR_SYSTEM_ERROR(first) ? strerror(ERR_GET_REASON(first))
						  : ERR_reason_error_string(first);

	fprintf(stderr, "%s: %s: %s\n", path, what, why ? why : "unknown");
	ERR_clear_error();
	return false;
}

/* Nobody is there to be asked: a key under a pass phrase cannot be read. */
static int no_phrase(char *to, int n, int writing, void *arg)
{
	(void)to;
	(void)n;
	(void)writing;
	(void)arg;
	return -1;
}

static EVP_PKEY *read_key(const char *path)
{
	const char *why;
	int fd = private_file_open(path, &why);
	EVP_PKEY *key;
	BIO *file;

	if (fd < 0) {
		fprintf(stderr, "%s: %s\n", path, why);
		return NULL;
	}
	file = given(BIO_new_fd(fd, BIO_CLOSE));
	key = PEM_read_bio_PrivateKey(file, NULL, no_phrase, NULL);
	if (!key)
		openssl_fault(path, "no key in PEM without a pass phrase");
	BIO_free(file);
	return key;
}

static int64_t instant(const ASN1_TIME *t)
{
	struct tm tm;

	return ASN1_TIME_to_tm(t, &tm) == 1 ? (int64_t)timegm(&tm) : 0;
}

static bool take_pair(struct tls *t, const char *certificate, const char *key_path)
{
	const X509 *own;
	EVP_PKEY *key;
	bool taken;

	if (SSL_CTX_use_certificate_chain_file(t->context, certificate) != 1)
		return openssl_fault(certificate, "no certificate in PEM that can be used");
	own = SSL_CTX_get0_certificate(t->context);
	t->from = instant(X509_get0_notBefore(own));
	t->until = instant(X509_get0_notAfter(own));
	key = read_key(key_path);
	if (!key)
		return false;
	/* A key of another kind is taken beside the certificate: only the check tells. */
	taken = SSL_CTX_use_PrivateKey(t->context, key) == 1 &&
		SSL_CTX_check_private_key(t->context) == 1;
	EVP_PKEY_free(key);
	if (!taken)
		return openssl_fault(key_path, "not the key of the certificate");
	return true;
}

static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *n,
    const unsigned char *offered, unsigned n_offered, void *arg)
{
	static const unsigned char ours[] = "\x08http/1.1";
	unsigned char *chosen;

	(void)ssl;
	(void)arg;
	if (SSL_select_next_proto(&chosen, n, ours, sizeof(ours) - 1, offered, n_offered) !=
	    OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

static bool set_manners(SSL_CTX *c)
{
	SSL_CTX_set_security_level(c, LEVEL);
	SSL_CTX_set_options(c, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
				   SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE |
				   SSL_OP_PRIORITIZE_CHACHA |
				   /* A request says itself how long it is. */
				   SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_mode(c, SSL_MODE_ENABLE_PARTIAL_WRITE |
				SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_clear_mode(c, SSL_MODE_AUTO_RETRY);
	SSL_CTX_set_alpn_select_cb(c, choose_protocol, NULL);
	return SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION) == 1 &&
	       SSL_CTX_set_cipher_list(c, CIPHERS) == 1 &&
	       SSL_CTX_set1_groups_list(c, GROUPS) == 1 && SSL_CTX_set_num_tickets(c, 0) == 1;
}

struct tls *tls_read(const char *certificate, const char *key)
{
	struct tls *t = must_alloc(sizeof(*t));

	t->context = given(SSL_CTX_new(TLS_server_method()));
	if (!set_manners(t->context))
		openssl_fault(certificate, "the library lacks what TLS is spoken with");
	else if (take_pair(t, certificate, key))
		return t;
	tls_free(t);
	return NULL;
}

void tls_free(struct tls *t)
{
	if (!t)
		return;
	SSL_CTX_free(t->context);
	free(t);
}

int64_t tls_valid_from(const struct tls *t)
{
	return t->from;
}

int64_t tls_valid_until(const struct tls *t)
{
	return t->until;
}

/* --- a session --- */

struct tls_session *tls_accept(const struct tls *t, int fd)
{
	struct tls_session *s = must_alloc(sizeof(*s));

	s->fd = fd;
	s->ssl = given(SSL_new(t->context));
	if (SSL_set_fd(s->ssl, fd) != 1)
		abort(); /* only ever for want of memory */
	SSL_set_accept_state(s->ssl);
	return s;
}

void tls_session_free(struct tls_session *s)
{
	if (!s)
		return;
	if (!s->is_open)
		metric_add(M_TLS_FAILURES, 1);
	tls_shut(s);
	SSL_free(s->ssl);
	free(s);
}

bool tls_is_open(const struct tls_session *s)
{
	return s->is_open;
}

bool tls_wants_room(const struct tls_session *s)
{
	return s->wants_room;
}

/* A method; a record of TLS begins with a byte that is no letter. */
bool tls_hears_http(struct tls_session *s)
{
	char first;

	if (s->has_looked || recv(s->fd, &first, 1, MSG_PEEK) != 1)
		return false;
	s->has_looked = true;
	return first >= 'A' && first <= 'Z';
}

/* What recv() would say of it. */
static ssize_t failed(struct tls_session *s, int why)
{
	s->wants_room = why == SSL_ERROR_WANT_WRITE;
	if (why == SSL_ERROR_ZERO_RETURN)
		return 0;
	if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) {
		errno = EAGAIN;
		return -1;
	}
	if (why != SSL_ERROR_SYSCALL || !errno)
		errno = EPROTO;
	s->is_broken = true;
	ERR_clear_error();
	return -1;
}

/* Here and below: what others of this thread leave in OpenSSL's queue, as libpq does, would be
 * taken for what the session says. */
ssize_t tls_receive(struct tls_session *s, char *to, size_t n)
{
	size_t got;
	int done;

	if (s->is_broken) {
		errno = EPROTO;
		return -1;
	}
	errno = 0;
	ERR_clear_error();
	done = SSL_read_ex(s->ssl, to, n, &got);
	if (!s->is_open && SSL_is_init_finished(s->ssl)) {
		s->is_open = true;
		metric_add(M_TLS_HANDSHAKES, 1);
	}
	if (done != 1)
		return failed(s, SSL_get_error(s->ssl, done));
	s->wants_room = false;
	return (ssize_t)got;
}

ssize_t tls_send(struct tls_session *s, const char *bytes, size_t n)
{
	size_t sent;
	int why;

	if (s->is_broken) {
		errno = EPIPE;
		return -1;
	}
	errno = 0;
	ERR_clear_error();
	if (SSL_write_ex(s->ssl, bytes, n, &sent) == 1)
		return (ssize_t)sent;
	why = SSL_get_error(s->ssl, 0);
	if (why == SSL_ERROR_WANT_WRITE) {
		errno = EAGAIN;
		return -1;
	}
	failed(s, SSL_ERROR_SSL);
	return -1;
}

void tls_shut(struct tls_session *s)
{
	if (!s->is_open || s->is_shut || s->is_broken)
		return;
	s->is_shut = true;
	ERR_clear_error();
	/* If it does not leave at once they do without. */
	(void)SSL_shutdown(s->ssl);
	ERR_clear_error();
}
