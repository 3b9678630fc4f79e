/*
 * What a SQLSTATE means for the call that got it.
 */
#ifndef DAEMON_LEDGER_SQLSTATE_H
#define DAEMON_LEDGER_SQLSTATE_H

enum verdict {
	VERDICT_FINE,  /* no error */
	VERDICT_AGAIN, /* another transaction was in the way: the same call, a moment later */
	VERDICT_AWAY,  /* this connection will not do: the same call on another */
	VERDICT_STALE, /* this session's prepared statement will not do: a new session, twice */
	VERDICT_LATE,  /* the server gave up on time: nobody knows whether it was done */
	VERDICT_FULL,  /* the server lacks room: nothing was done, later perhaps */
	VERDICT_DEFECT, /* anything else is ours */
};

/* `sqlstate` has five characters, or none when there was no error. */
enum verdict sqlstate_verdict(const char *sqlstate);

#endif
