-- Placements, the employment they lead to, what is said about them, how they become void, and
-- the rules that keep one from counting.
--
-- A placement is reported, perhaps confirmed, registered at a community (or, outside the city,
-- recorded by two officers), or void; unique
-- indexes, not the daemon's memory, make it exactly once.  Registering one writes the
-- employment register, from which the counts are derived.  A signal is what one organisation
-- says of a placement, and one that is withdrawn stays as withdrawn.  The first report is the
-- placement's own row until more is said of it; then each is a row of placement_signal, and the
-- placement bears what the report says that decides (rules/placement-once).  A voiding is asked
-- by one officer and decided by another; while it is only asked it changes no row that anything
-- is counted from.  The legal days of both follow from the instants.

CREATE TABLE ledger.placement (
	city           int NOT NULL,
	id             bigint GENERATED ALWAYS AS IDENTITY,
	seeker         bigint NOT NULL,
	vacancy        bigint,
	employer       text,
	kind           text NOT NULL CHECK (kind IN ('unit', 'dispatch', 'self', 'flexible', 'pwp')),
	workplace      bigint, -- twelve digits; outside the city a county's six
	approval       text, -- of a public-welfare post without a vacancy
	start_on       date NOT NULL,
	source         text NOT NULL,
	state          text NOT NULL DEFAULT 'reported'
		CHECK (state IN ('reported', 'confirmed', 'withdrawn', 'registered', 'recorded', 'void')),
	reported_at    timestamptz NOT NULL,
	reported_kid   text NOT NULL,
	reported_by    text NOT NULL,
	reported_actor text NOT NULL,
	community      bigint,
	registered_on  date,
	recorded_on    date,
	void_code      text CHECK (void_code IN ('V1', 'V2', 'V3')),
	void_on        date,
	xid            bigint DEFAULT pg_current_xact_id()::text::bigint, -- the token's, if repeated
	PRIMARY KEY (city, id),
	FOREIGN KEY (city, seeker) REFERENCES ledger.seeker,
	CHECK ((state = 'void') = (void_code IS NOT NULL)),
	CHECK (state <> 'registered' OR (community IS NOT NULL AND registered_on IS NOT NULL)),
	CHECK (state <> 'recorded' OR recorded_on IS NOT NULL),
	CHECK (state <> 'withdrawn' OR vacancy IS NULL),
	CHECK (approval IS NULL OR vacancy IS NULL AND kind = 'pwp')
);

-- Whether a placement is a job at all: it holds a post, and keeps its seeker busy.  Void it never
-- was one; withdrawn, nobody says so any more (rules/signals).
CREATE FUNCTION ledger.is_job(p_state text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT p_state NOT IN ('void', 'withdrawn')
$$;

-- One live placement for a pair, and all of a person's, in one index; not the city first, as of
-- ledger.person.
CREATE UNIQUE INDEX placement_once ON ledger.placement
	(seeker, city, (CASE WHEN state <> 'void' THEN vacancy END));
CREATE UNIQUE INDEX placement_once_alone ON ledger.placement
	(city, seeker, coalesce(employer, ''), kind, start_on)
	WHERE vacancy IS NULL AND ledger.is_job(state);
CREATE INDEX placement_approval ON ledger.placement (city, approval) WHERE approval IS NOT NULL;
CREATE INDEX placement_start ON ledger.placement (city, start_on) WHERE state = 'registered';
CREATE INDEX placement_waiting ON ledger.placement (city, id)
	WHERE state IN ('reported', 'confirmed');

-- Who worked from when to when: a row per placement that is registered, or recorded, which has no
-- community.  ended_on is the first
-- day without the job; 'retired' and 'dead' are natural attrition (rules/attrition).
CREATE TABLE ledger.employment (
	city       int NOT NULL,
	placement  bigint NOT NULL,
	person     bigint NOT NULL,
	community  bigint,
	start_on   date NOT NULL,
	ended_on   date CHECK (ended_on >= start_on),
	end_reason text,
	void_on    date,
	PRIMARY KEY (city, placement),
	FOREIGN KEY (city, placement) REFERENCES ledger.placement,
	FOREIGN KEY (city, person) REFERENCES ledger.person
);
CREATE INDEX employment_person ON ledger.employment (city, person);
CREATE INDEX employment_attrition ON ledger.employment (city, ended_on)
	WHERE end_reason IN ('retired', 'dead');

-- Work as people know it: a placement works from its start, registered or not, until
-- the employment register says it ended.  What nobody says any more is none.
CREATE VIEW ledger.work AS
	SELECT p.city, p.seeker AS person, p.id AS placement, p.start_on, e.ended_on
	FROM ledger.placement p
	LEFT JOIN ledger.employment e ON e.city = p.city AND e.placement = p.id
	WHERE ledger.is_job(p.state);

CREATE TYPE ledger.standing AS (
	rank        int,
	reason      text,
	age_class   int,
	class_until date
);

-- `page`: of the rule that keeps it from counting; NULL: the target's own.
CREATE TABLE ledger.count_rule (
	rule text PRIMARY KEY,
	page text CHECK (page LIKE 'rules/%'),
	zh   text NOT NULL,
	en   text NOT NULL
);
INSERT INTO ledger.count_rule VALUES
('counts', NULL, '计入本年度目标。', 'It counts toward the year''s target.'),
('no-placement', NULL, '本年度没有就业安置记录。', 'There is no placement of this year.'),
('placement-void', 'rules/void', '该安置记录已作废，自始不计。', 'The placement is void, from the start.'),
('not-registered', 'rules/registration', '尚未在社区登记；登记后方可计入。',
	'It is not registered at a community yet; it counts once it is.'),
('not-started', 'rules/t1', '截至统计日尚未到岗。', 'The work had not begun on the day asked about.'),
('other-year', 'rules/t1', '计入日期不在本年度。', 'The day it counts on lies in another year.'),
('lot-undecided', 'rules/lots', '首次登记所在的批次尚待另一经办人决定；批准后计入。',
	'It hangs on a first registration that stands in a lot; another officer has yet to approve the lot.'),
('lot-refused', 'rules/lots', '首次登记所在的批次未获批准。', 'It hangs on a first registration that stands in a lot which was refused.'),
('under-age', 'rules/under-16', '到岗时未满16周岁。', 'The person was under 16 when the work began.'),
('past-retirement', 'rules/retirement', '到岗时已达法定退休年龄。', 'The person had reached the age of retirement when the work began.'),
('retirement-unproven', 'rules/retirement', '女满50周岁（“4050”按年底），退休年龄未凭证登记，是否已达退休年龄不明：请向本人核实并登记（工人50、干部55）。',
	'A woman from 50 on (for 4050: at the year''s end), of whom no retirement age is on file with evidence: whether it has come is unknown until one is recorded (worker 50, cadre 55).'),
('workplace-outside-city', 'rules/outside-city', '工作地点在本市之外，不计入任何指标。', 'The place of work lies outside the city: it counts toward nothing.'),
('already-employed', 'rules/employment', '到岗前一日已在本市就业，属单位间调动。',
	'The person was employed in the city the day before: a transfer between units does not count.'),
('migrant-three-months', 'rules/in-migrants', '外来从业人员须稳定就业满三个月，截至统计日未满。',
	'An in-migrant counts after three months of stable work, which were not over yet.'),
('migrant-left-early', 'rules/in-migrants', '外来从业人员未满三个月即中断就业。',
	'An in-migrant counts after three months of stable work, and it was broken off before.'),
('not-unemployed', 'rules/unemployment', '到岗前一日既非下岗人员，也无有效失业登记。',
	'The day before, the person was neither laid off nor registered as unemployed.'),
('first-job', 'rules/t2', '此前未曾就业，属初次就业，只计入新增就业。',
	'The person had never worked before: a first job counts toward new employment only.'),
('no-valid-certificate', 'rules/certificate', '到岗当日没有有效的《再就业优惠证》（未发、过期、未年检或已作废）。',
	'No Re-employment Preference Certificate was valid on the first day of work: none issued, expired, not inspected or void.'),
('not-hard-to-employ', NULL, '到岗当日既非“4050”人员，也无有效的就业困难人员认定。',
	'On the first day of work the person was neither 4050 nor under an open hard-to-employ recognition.'),
('no-training', NULL, '没有培训登记。', 'There is no enrolment in a course.'),
('enrolment-void', 'rules/training', '该培训登记已作废，自始不计。', 'The enrolment is void, from the start.'),
('training-not-completed', 'rules/t6', '截至统计日尚未完成培训，或已中途退学。',
	'The course was not completed by the day asked about, or it was left before its end.'),
('completed-other-year', 'rules/t6', '完成培训的日期不在本年度。', 'It was completed on a day of another year.'),
('course-not-approved', 'rules/t6', '该培训班未登记批准文号；补登后计入。',
	'The course has no number of an approval on record; it counts once it has.'),
('attendance-short', 'rules/t6', '出勤率未达到该培训班的最低要求。', 'Attendance was below what the course asks.'),
('not-unemployed-enrolled', 'rules/t6', '入学当日既非下岗人员，也无有效失业登记。',
	'On the day of enrolment the person was neither laid off nor registered as unemployed.'),
('not-entrepreneurship', 'rules/t7', '该培训班不是创业培训。', 'The course is not one of entrepreneurship.');

CREATE TABLE ledger.placement_signal (
	city            int NOT NULL,
	id              bigint GENERATED ALWAYS AS IDENTITY,
	placement       bigint NOT NULL,
	signal          text NOT NULL CHECK (signal IN ('report', 'confirmation', 'registration')),
	at              timestamptz NOT NULL,
	organisation    text NOT NULL,
	kid             text NOT NULL,
	actor           text NOT NULL,
	withdrawn_at    timestamptz,
	withdrawn_actor text,
	withdrawn_for   text,
	-- What a report says, and the first of its organisation's that it corrects.
	start_on        date,
	kind            text,
	workplace       bigint,
	vacancy         bigint,
	source          text,
	reference       text,
	corrects        bigint,
	PRIMARY KEY (city, id),
	FOREIGN KEY (city, placement) REFERENCES ledger.placement,
	CHECK ((signal = 'report') = (start_on IS NOT NULL AND kind IS NOT NULL AND source IS NOT NULL))
);
CREATE UNIQUE INDEX placement_signal_live
	ON ledger.placement_signal (city, placement, signal, organisation) WHERE withdrawn_at IS NULL;
CREATE INDEX placement_signal_placement ON ledger.placement_signal (city, placement);
CREATE INDEX placement_signal_kind ON ledger.placement_signal (city, signal, id);

-- With the report that the placement's own row is, which has no number.
CREATE VIEW ledger.signal AS
	SELECT s.* FROM ledger.placement_signal s
	UNION ALL
	SELECT p.city, NULL, p.id, 'report', p.reported_at, p.reported_by, p.reported_kid,
		p.reported_actor, NULL, NULL, NULL, p.start_on, p.kind, p.workplace, p.vacancy, p.source,
		NULL, NULL
	FROM ledger.placement p WHERE NOT EXISTS (SELECT FROM ledger.placement_signal s
		WHERE s.city = p.city AND s.placement = p.id AND s.signal = 'report');

CREATE TABLE ledger.voiding (
	city          int NOT NULL,
	id            bigint GENERATED ALWAYS AS IDENTITY,
	placement     bigint NOT NULL,
	what          text NOT NULL CHECK (what IN ('void', 'undo', 'record')),
	code          text CHECK (code IN ('V1', 'V2', 'V3')),
	reason        text NOT NULL,
	evidence      text NOT NULL,
	asked_at      timestamptz NOT NULL,
	asked_kid     text NOT NULL,
	asked_actor   text NOT NULL,
	decision      text CHECK (decision IN ('approve', 'refuse')),
	decided_at    timestamptz,
	decided_kid   text,
	decided_actor text,
	decided_for   text,
	PRIMARY KEY (city, id),
	FOREIGN KEY (city, placement) REFERENCES ledger.placement,
	CHECK ((what = 'void') = (code IS NOT NULL)),
	CHECK ((decision IS NULL) = (decided_at IS NULL))
);
CREATE UNIQUE INDEX voiding_open ON ledger.voiding (city, placement) WHERE decision IS NULL;
CREATE INDEX voiding_placement ON ledger.voiding (city, placement);
CREATE INDEX voiding_waiting ON ledger.voiding (city, id) WHERE decision IS NULL;

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
