/*
 * TLS (OpenSSL): what a server proves itself with, and one session on a socket.
 *
 * 1.2 with forward secrecy and an AEAD cipher, or 1.3; HTTP/1.1 by ALPN.  There is no
 * renegotiation, no compression, no early data and nothing that is resumed: a client keeps
 * its connection, and so no key of a ticket has to be shared by workers or renewed.
 */
#ifndef DAEMON_HTTP_TLS_H
#define DAEMON_HTTP_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct tls;
struct tls_session;

/*
 * A file with the certificate and those that vouch for it, and one with its key, both PEM.  To
 * be read before the workers are forked; they share it.  NULL: the reason went to stderr.
 */
struct tls *tls_read(const char *certificate, const char *key);
void tls_free(struct tls *t);
/* The days of the certificate, in seconds since 1970. */
int64_t tls_valid_from(const struct tls *t);
int64_t tls_valid_until(const struct tls *t);

/* A session with whoever is at the other end of the socket, which stays the caller's and does
 * not block.  It begins when something is received. */
struct tls_session *tls_accept(const struct tls *t, int fd);
/* Says goodbye, if they still listen. */
void tls_session_free(struct tls_session *s);

/* Both sides know each other: something may be sent. */
bool tls_is_open(const struct tls_session *s);
/* Whoever is there began to speak HTTP without TLS; nothing of that has been read. */
bool tls_hears_http(struct tls_session *s);

/*
 * As recv() and send(), errno too.  A record has up to 16,384 bytes: whoever has room for so
 * many leaves none behind, and is woken by the socket for more.  What was not sent is sent
 * again with the same bytes, and perhaps more after them.
 */
#define TLS_RECORD ((size_t)16384)
ssize_t tls_receive(struct tls_session *s, char *to, size_t n);
ssize_t tls_send(struct tls_session *s, const char *bytes, size_t n);
/* It waits for room to send, although it was asked to receive. */
bool tls_wants_room(const struct tls_session *s);

/* No more will be sent. */
void tls_shut(struct tls_session *s);

#endif
