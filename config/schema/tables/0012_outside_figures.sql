-- Figures that the registers cannot tell, given from outside and recorded by an officer.

CREATE TABLE ledger.outside_figure (
	LIKE ledger.entry_version INCLUDING ALL,
	subject   text NOT NULL,
	indicator text NOT NULL,
	period    text NOT NULL CHECK (period ~ '^[0-9]{4}(Q[1-4]|-(0[1-9]|1[0-2]))?$'),
	value     bigint NOT NULL CHECK (value >= 0),
	source    text NOT NULL,
	day       date NOT NULL,
	FOREIGN KEY (city, id) REFERENCES ledger.entry
);
CREATE INDEX outside_figure_subject ON ledger.outside_figure (city, subject, indicator, period);
