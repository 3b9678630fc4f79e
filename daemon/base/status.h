/*
 * How anything that can fail says how it went, and how anything that takes
 * time says that it is over.
 *
 * An operation completes exactly once, possibly before the call that started
 * it returns.  HTTP statuses appear only in daemon/http and daemon/api.
 */
#ifndef DAEMON_BASE_STATUS_H
#define DAEMON_BASE_STATUS_H

enum status {
	OK = 0,
	E_INVALID,     /* the input breaks a rule */
	E_NOT_FOUND,   /* no such thing, or not for this caller */
	E_CONFLICT,    /* the thing is not in a state that allows this */
	E_BUSY,        /* a queue is full; nothing was sent */
	E_UNAVAILABLE, /* a back-end is away or full; nothing was done */
	E_UNKNOWN,     /* sent, and the answer is lost: perhaps done; asking again is safe */
	E_TIMEOUT,     /* the deadline passed; as E_UNKNOWN */
	E_INTERNAL     /* a defect of ours */
};

#define MUST_CHECK __attribute__((warn_unused_result))

struct done {
	void (*fn)(void *arg, enum status st);
	void *arg;
};

static inline void done_call(struct done d, enum status st)
{
	d.fn(d.arg, st);
}

/* "unavailable", for logs. */
const char *status_name(enum status st);

#endif
