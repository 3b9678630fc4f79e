-- What takes two hands: the instants at which it was asked and decided, and what finds what waits.
--
-- The legal days of both follow from the instants, so they stand nowhere else.

ALTER TABLE ledger.voiding ADD COLUMN asked_at timestamptz, ADD COLUMN decided_at timestamptz;
UPDATE ledger.voiding SET asked_at = asked_on::timestamp AT TIME ZONE 'Asia/Shanghai',
	decided_at = decided_on::timestamp AT TIME ZONE 'Asia/Shanghai';
ALTER TABLE ledger.voiding ALTER COLUMN asked_at SET NOT NULL,
	DROP COLUMN asked_on, DROP COLUMN decided_on,
	ADD CHECK ((decision IS NULL) = (decided_at IS NULL));

ALTER TABLE ledger.household_ending ADD COLUMN asked_at timestamptz,
	ADD COLUMN decided_at timestamptz;
UPDATE ledger.household_ending SET asked_at = asked_on::timestamp AT TIME ZONE 'Asia/Shanghai',
	decided_at = decided_on::timestamp AT TIME ZONE 'Asia/Shanghai';
ALTER TABLE ledger.household_ending ALTER COLUMN asked_at SET NOT NULL,
	DROP COLUMN asked_on, DROP COLUMN decided_on,
	ADD CHECK ((decision IS NULL) = (decided_at IS NULL));

-- What is asked and decided, whatever it is about; decision: NULL while it waits.
CREATE TYPE ledger.decision AS (
	city          int,
	kind          text,
	id            bigint,
	object        text,
	asked_at      timestamptz,
	asked_kid     text,
	asked_actor   text,
	home          bigint,
	place         bigint,
	employer      text,
	decision      text,
	decided_at    timestamptz,
	decided_kid   text,
	decided_actor text
);

CREATE INDEX placement_waiting ON ledger.placement (city, id)
	WHERE state IN ('reported', 'confirmed');
CREATE INDEX voiding_waiting ON ledger.voiding (city, id) WHERE decision IS NULL;
CREATE INDEX household_ending_waiting ON ledger.household_ending (city, id)
	WHERE decision IS NULL;

-- Within how many seconds of what it decides a decision is shown as quick (rules/decisions).
ALTER TABLE ledger.policy ADD COLUMN quick_seconds int NOT NULL DEFAULT 60
	CHECK (quick_seconds BETWEEN 0 AND 86400);
