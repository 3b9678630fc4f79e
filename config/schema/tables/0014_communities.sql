-- What was seen at the offices of communities: six in place, the census, the ledger of the
-- unemployed.  Whether a community passes is nowhere written down.

CREATE TABLE ledger.community_check (
	LIKE ledger.entry_version INCLUDING ALL,
	place           bigint NOT NULL,
	day             date NOT NULL,
	established     boolean NOT NULL,
	staffed         boolean NOT NULL,
	funds           boolean NOT NULL,
	premises        boolean NOT NULL,
	rules           boolean NOT NULL,
	work            boolean NOT NULL,
	residents       int NOT NULL CHECK (residents > 0),
	on_census       int NOT NULL CHECK (on_census BETWEEN 0 AND residents),
	ledger_updated  date NOT NULL,
	FOREIGN KEY (city, id) REFERENCES ledger.entry
);
CREATE INDEX community_check_place ON ledger.community_check (city, place, day);
