/*
 * A route that is one operation of the ledger: called with what the path, the
 * headers and the body say, answered as it replies.  Which operation, and with
 * which arguments, is the route's own argument.
 */
#ifndef DAEMON_API_OPERATION_H
#define DAEMON_API_OPERATION_H

#include "daemon/codec/codec.h"
#include "daemon/flow/flow.h"
#include "daemon/ledger/ledger.h"

struct operation {
	enum ledger_op op;
	/*
	 * The arguments in their order, a letter each.  The next part of the path: "p" a
	 * person, "i" a decimal id, "e" an employer, "o" an organisation.  "m" If-Match, "x"
	 * whether there is If-None-Match, "d" ?as_of=.  "w" the word, "0" NULL, "b" the body;
	 * "n": no argument, and no body.
	 */
	const char *args;
	const char *word;
	body_shape *body;
	bool is_tagged;            /* the answer's version is its ETag */
	const struct registry *of; /* whose entry the body is; NULL: no register's */
	bool is_derived;           /* the answer changes without its version too: never 304 */
};

extern const struct plan operation;

#endif
