-- What is known by the number of the daemon's call: one whose connection was lost is called
-- again, and does nothing twice.

-- `call` is that number, and `again` that it may have been here before.
ALTER TYPE api.caller ADD ATTRIBUTE call text, ADD ATTRIBUTE again boolean;
ALTER TYPE ledger.registration ADD ATTRIBUTE call text;
ALTER TABLE ledger.idempotency ADD call text;
ALTER TABLE ledger.person_look ADD call text;

-- What was answered to a write that no Idempotency-Key stands for.  Of minutes: nobody repeats a
-- call later.
CREATE TABLE ledger.answered_call (
	city   int NOT NULL,
	call   text NOT NULL,
	status int NOT NULL,
	code   text NOT NULL,
	body   text NOT NULL,
	xid    bigint,
	event  bigint,
	at     timestamptz NOT NULL DEFAULT transaction_timestamp(),
	PRIMARY KEY (city, call)
);
