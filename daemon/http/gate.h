/*
 * The gate: may these bytes be parsed at all?
 *
 * Pure: bytes in, a verdict out.  It opens only for a head that every parser
 * reads the same way, so that no proxy and no daemon can disagree on where a
 * request ends.
 */
#ifndef DAEMON_HTTP_GATE_H
#define DAEMON_HTTP_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEAD_MAX_BYTES   ((size_t)8192)
#define HEAD_MAX_HEADERS 64
#define TARGET_MAX_BYTES ((size_t)4096)

enum gate {
	GATE_OPEN,
	GATE_MORE, /* the head has not ended yet */
	/* the bytes */
	GATE_PLAIN, /* they came without the TLS that is spoken here */
	GATE_BARE_LF,
	GATE_CONTROL,
	GATE_HEAD_LONG,
	GATE_TARGET_LONG,
	GATE_MANY_HEADERS,
	/* the request line */
	GATE_LINE,
	GATE_METHOD,
	GATE_TARGET,
	GATE_VERSION,
	/* the headers */
	GATE_FOLD,
	GATE_NAME,
	GATE_TWICE,
	GATE_HOST,
	GATE_LENGTH,
	GATE_LENGTH_AND_CODING,
	GATE_CHUNKED,
	GATE_CODING,
	GATE_BODY,
	GATE_EXPECT,
	/* the parser behind the gate saw something else */
	GATE_DISAGREE,
	GATE_VERDICTS
};

/* What a verdict means to a caller. */
struct gate_reason {
	const char *slug;
	const char *where; /* "header/Host" */
	const char *rule;
	const char *expected;
	const char *en, *zh;
};
const struct gate_reason *gate_reason(enum gate g);

/*
 * Looks for the end of the head in the `n` bytes that have come so far.
 * `*scanned` is kept by the caller from call to call, 0 at first, so that each
 * byte is looked at once.  Open: `*end` is the length of the head with its
 * empty line.
 */
enum gate gate_find_end(const char *bytes, size_t n, size_t *scanned, size_t *end);

/* What the gate read, for comparison with the parser behind it. */
struct gate_facts {
	size_t n_headers;
	bool has_length, expects_continue;
	uint64_t length; /* Content-Length, below 10^15 */
	bool is_old;     /* HTTP/1.0 */
};

/*
 * How many bytes of a target stand before its path: 0 for "/path", the scheme and host of
 * "http://host/path" (RFC 9112, 3.2.2).  What is refused as a target is 0 too.
 */
size_t gate_before_path(const char *target, size_t n);

/* Judges a whole head, as found by gate_find_end. */
enum gate gate_judge(const char *head, size_t n, struct gate_facts *out);

#endif
