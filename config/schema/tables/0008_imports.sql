-- Imports: one row each, under the key of whoever began it and the name that they gave it
-- (rules/imports).  What it has taken stands in the tables of what it brought.

CREATE TABLE ledger.import (
	city       int NOT NULL REFERENCES ledger.city,
	first_kid  text NOT NULL,
	name       text NOT NULL,
	run        int NOT NULL DEFAULT 1,
	kind       text NOT NULL DEFAULT 'returns',
	format     text NOT NULL,
	state      text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'complete', 'stopped', 'cut')),
	lines      int NOT NULL DEFAULT 0,
	added      int NOT NULL DEFAULT 0,
	changed    int NOT NULL DEFAULT 0,
	unchanged  int NOT NULL DEFAULT 0,
	refused    int NOT NULL DEFAULT 0,
	actor      text NOT NULL,
	officer    bigint,
	on_behalf  bigint,
	scope      text,
	started_at timestamptz NOT NULL,
	changed_at timestamptz NOT NULL,
	digest     text NOT NULL DEFAULT '', -- of all that was taken
	said_from  int NOT NULL DEFAULT 0,   -- behind how many records the last batch began,
	                                     -- and what it was answered
	said       jsonb,
	PRIMARY KEY (city, first_kid, name)
) WITH (fillfactor = 50);
