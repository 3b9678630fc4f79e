-- Training: courses, and who is enrolled in them.

CREATE TABLE ledger.course (
	LIKE ledger.entry_version INCLUDING ALL,
	title          text NOT NULL,
	provider       text NOT NULL,
	employer       text,
	kind           text NOT NULL,
	approval       text,
	"from"         date NOT NULL,
	until          date NOT NULL,
	place          bigint NOT NULL,
	seats          int NOT NULL CHECK (seats > 0),
	hours          int,
	attendance_min int NOT NULL CHECK (attendance_min BETWEEN 0 AND 100),
	subsidised     boolean NOT NULL,
	FOREIGN KEY (city, id) REFERENCES ledger.entry,
	CHECK (until >= "from")
);

CREATE TABLE ledger.enrolment (
	LIKE ledger.entry_version INCLUDING ALL,
	course     bigint NOT NULL,
	seeker     bigint NOT NULL,
	"from"     date NOT NULL,
	until      date,
	attendance int CHECK (attendance BETWEEN 0 AND 100),
	outcome    text,
	FOREIGN KEY (city, id) REFERENCES ledger.entry,
	FOREIGN KEY (city, course) REFERENCES ledger.entry,
	FOREIGN KEY (city, seeker) REFERENCES ledger.seeker,
	CHECK (until >= "from")
);
CREATE INDEX enrolment_course ON ledger.enrolment (city, course);
CREATE INDEX enrolment_seeker ON ledger.enrolment (city, seeker);
