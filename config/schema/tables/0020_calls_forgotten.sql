-- What was answered to a call is forgotten by its age, some at a time.
CREATE INDEX answered_call_at ON ledger.answered_call (city, at);
