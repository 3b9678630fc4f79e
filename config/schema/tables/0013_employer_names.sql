-- What an employer is and was called, each name from a day on.
--
-- No row is changed or deleted: a name that was recorded wrongly is followed by another from the
-- same day.  The latest is the present name, which stands with the employer, where every list
-- and vacancy line reads it; ledger.name_employer writes both.

CREATE TABLE ledger.employer_name (
	city        int NOT NULL,
	employer    bigint NOT NULL,
	since       date NOT NULL,
	recorded_at timestamptz NOT NULL,
	id          bigint GENERATED ALWAYS AS IDENTITY,
	name        text NOT NULL,
	kid         text, -- NULL: it was there before names had days
	officer     bigint,
	on_behalf   bigint,
	PRIMARY KEY (city, employer, since, id),
	FOREIGN KEY (city, employer) REFERENCES ledger.employer
);

INSERT INTO ledger.employer_name (city, employer, since, recorded_at, name)
	SELECT e.city, e.id, e.registered_on,
		e.registered_on::timestamp AT TIME ZONE 'Asia/Shanghai', e.name
	FROM ledger.employer e;
