-- Helpers of the SQL tests: a sample city, its keys, bodies, calls and assertions.
--
-- Every test file runs after this one, in one psql session, against a database with
-- all migrations.  A call answers one JSON object: the 'a' row, its events and the names
-- of its sealed fields.  An assertion that fails raises and names itself.

CREATE SCHEMA t;

CREATE FUNCTION t.is(p_what text, p_got anyelement, p_want anyelement) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	IF p_got IS DISTINCT FROM p_want THEN
		RAISE EXCEPTION '%: got %, want %', p_what, p_got, p_want;
	END IF;
END $$;

SELECT ops.create_city(4101, '测试市', '4101', true, '2007-07-12 10:00+08', 2007);
SELECT ops.load_catalogue(4101,
	'[{"code":"410105","level":"county","name":"金水区","parent":"410100"},
	  {"code":"410105003001","level":"community","name":"一社区","parent":"410105003"}]',
	'[{"code":"4-07-05-01","level":"4","name":"保安员","parent":"4-07-05-00"}]',
	'[{"unit":"410105","kind":"district","name_zh":"金水区","name_en":"Jinshui","gb_code":"410105","prefixes":"410105"},
	  {"unit":"410103","kind":"district","name_zh":"二七区","name_en":"Erqi","gb_code":"410103","prefixes":"410103"},
	  {"unit":"Z-ZD","kind":"zone","name_zh":"郑东新区","name_en":"Zhengdong","gb_code":"","prefixes":"410105560,410105561"}]',
	'[{"unit":"city","target":"T1","year":"2007","value":"120000","source":"notice"},
	  {"unit":"city","target":"T2","year":"2007","value":"30000","source":"notice"},
	  {"unit":"410105","target":"T1","year":"2007","value":"36500","source":"test"},
	  {"unit":"city","target":"T10","year":"2007","value":"0","source":"notice"}]');

CREATE FUNCTION t.fold(p_rows api.reply[]) RETURNS jsonb
LANGUAGE sql AS $$
	SELECT jsonb_build_object(
		'status', (SELECT status FROM unnest(p_rows) WHERE kind = 'a'),
		'code', (SELECT code FROM unnest(p_rows) WHERE kind = 'a'),
		'body', (SELECT body::jsonb FROM unnest(p_rows) WHERE kind = 'a'),
		'label', (SELECT label FROM unnest(p_rows) WHERE kind = 'a'),
		'xid', (SELECT id FROM unnest(p_rows) WHERE kind = 'a'),
		'answers', (SELECT count(*) FROM unnest(p_rows) WHERE kind = 'a'),
		'events', (SELECT coalesce(jsonb_agg(jsonb_build_object('entity', kind::text, 'id', id,
				'version', version, 'record', encode(record, 'hex'), 'label', label)), '[]')
			FROM unnest(p_rows) WHERE kind IN ('v', 's')),
		'sealed', (SELECT coalesce(jsonb_agg(label ORDER BY label), '[]')
			FROM unnest(p_rows) WHERE kind = 'x'))
$$;

-- A key per role; its name stands in for kid and secret.
CREATE FUNCTION t.kid(p_name text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT left(md5(p_name), 16)
$$;
CREATE FUNCTION t.secret(p_name text) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
	SELECT sha256(convert_to(p_name, 'UTF8'))
$$;
CREATE FUNCTION t.key(p_name text, p_body jsonb) RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.fold(ARRAY(SELECT r FROM api.create_key(4101, 'admin', NULL, '',
		p_body || jsonb_build_object('kid', t.kid(p_name), 'org_name', p_name), t.secret(p_name)) r))
$$;
SELECT t.is('a key is made', (t.key(k.name, k.body)->>'status')::int, 201) FROM (VALUES
	('bureau', '{"role":"bureau","scope":"4101"}'::jsonb),
	('district', '{"role":"bureau","scope":"410105"}'),
	('elsewhere', '{"role":"bureau","scope":"410103"}'),
	('agency', '{"role":"agency","scope":"4101","org_code":"AGENCY001"}'),
	('auditor', '{"role":"auditor","scope":"4101"}'),
	('firm', '{"role":"employer","scope":"4101","org_code":"123456788"}'),
	('other firm', '{"role":"employer","scope":"4101","org_code":"600037341"}'),
	('group', '{"role":"employer","scope":"4101","org_code":"D2143569X","employers":["123456788","600037341"]}'))
	k(name, body);

-- An officer behind each, whose id is her key's number here.
CREATE FUNCTION t.officer_id(p_key text) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
	SELECT 900 + array_position('{bureau,district,elsewhere,agency,auditor}'::text[], p_key)
$$;
CREATE FUNCTION t.scope(p_key text) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT scope FROM ledger.api_key WHERE kid = t.kid(p_key)
$$;
CREATE FUNCTION t.actor(p_key text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT coalesce(ledger.seeker_text(t.officer_id(p_key)) || '.'
		|| encode(t.secret('officer of ' || p_key), 'hex'), '') || ' request-1'
$$;
SELECT t.is('an officer is registered', (t.fold(ARRAY(SELECT r FROM api.create_first_officer(4101,
		'admin', NULL, '', t.kid(k), t.officer_id(k), t.secret('officer of ' || k),
		jsonb_build_object('name', '测试员', 'post', '经办', 'lead', true, 'scope', t.scope(k))) r))
			->>'status')::int, 201)
	FROM unnest('{bureau,district,elsewhere,agency,auditor}'::text[]) k;
-- And a second of the bureaus, who decides what the first has asked for.
CREATE FUNCTION t.second_actor(p_key text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT ledger.seeker_text(t.officer_id(p_key) + 50) || '.'
		|| encode(t.secret('second of ' || p_key), 'hex') || ' request-2'
$$;
SELECT t.is('a second officer', (t.fold(ARRAY(SELECT r FROM api.create_first_officer(4101,
		'admin', NULL, '', t.kid(k), t.officer_id(k) + 50, t.secret('second of ' || k),
		jsonb_build_object('name', '复核员', 'post', '复核', 'scope', t.scope(k))) r))->>'status')::int,
	201)
	FROM unnest('{bureau,district,elsewhere}'::text[]) k;

-- Any call: t.ask('bureau', 'read_seeker', '$1::bigint', ...) would hide what is called;
-- these say it.
CREATE FUNCTION t.employer(p_key text, p_code text, p_body jsonb) RETURNS jsonb
LANGUAGE sql AS $$
	SELECT t.fold(ARRAY(SELECT r FROM api.put_employer(4101, t.kid(p_key), t.secret(p_key), t.actor(p_key),
		p_code, p_body) r))
$$;

CREATE FUNCTION t.on_day(p_day date) RETURNS void LANGUAGE sql AS $$
	UPDATE ledger.city SET fixed_clock = p_day + time with time zone '10:00+08'
$$;

-- These vacancies ran out yesterday, and nobody has turned the day.
CREATE FUNCTION t.over(p_refs text) RETURNS void LANGUAGE sql AS $$
	UPDATE ledger.vacancy SET valid_until = '2007-07-11', version = version + 1
		WHERE ref ~ p_refs AND valid_until IS NULL
$$;

-- A coded line, as the codec writes it.
CREATE FUNCTION t.line(p_ref text, p_posts int DEFAULT 1, p_more jsonb DEFAULT '{}') RETURNS jsonb
LANGUAGE sql AS $$
	SELECT l || jsonb_build_object('filed', jsonb_build_object('ref', l->'ref', 'title', l->'title',
		'posts', l->'posts', 'more', p_more))
	FROM (SELECT jsonb_build_object('ref', p_ref, 'occupation', 4070501, 'title', '保安员',
		'duties', '值班', 'posts', p_posts, 'place', '410105003001', 'pay_min_fen', 90000,
		'pay_max_fen', 120000, 'pay_period', 'month', 'pay_min_month', 90000,
		'pay_max_month', 120000, 'pay_text', '900–1200元/月', 'weekly_hours', 40,
		'education', NULL, 'education_rank', 0, 'skills_required', '', 'skills_wished', '',
		'licences', '', 'experience_months', 0, 'shift', 1, 'form', 1, 'valid_until', NULL,
		'reserved', false, 'approval', NULL, 'contact', NULL) || p_more AS l) x
$$;

CREATE FUNCTION t.file(p_lines jsonb, p_quarter text DEFAULT '2007Q2', p_closed jsonb DEFAULT '[]',
	p_if_match bigint DEFAULT NULL, p_validate boolean DEFAULT false, p_key text DEFAULT 'firm',
	p_code text DEFAULT '123456788', p_district text DEFAULT '410105')
RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.fold(ARRAY(SELECT r FROM api.file_return(4101, t.kid(p_key), t.secret(p_key), t.actor(p_key),
		p_code, p_district, p_quarter, b, sha256(convert_to(b::text, 'UTF8')), '\x01', '\x02',
		'key', p_if_match, p_validate) r))
	FROM (SELECT jsonb_build_object('nil', p_lines = '[]', 'staff', 120, 'lines', p_lines,
		'closed', p_closed) AS b) x
$$;

CREATE FUNCTION t.read_return(p_quarter text, p_version int DEFAULT NULL, p_key text DEFAULT 'firm')
RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.fold(ARRAY(SELECT r FROM api.read_return(4101, t.kid(p_key), t.secret(p_key), t.actor(p_key),
		'123456788', '410105', p_quarter, p_version) r))
$$;

-- A seeker with an id of our own; p_more is laid over the body.
CREATE FUNCTION t.person(p_more jsonb) RETURNS jsonb LANGUAGE sql AS $$
	SELECT '{"sex":2,"birth":"1970-05-05","community":"410105003001",
		"hukou_type":"urban","hukou_division":"410105","education":"61","education_rank":4,
		"skills":"","licences":"","experience":"","wishes":[4070501],"pay_wish":80000,
		"farthest":4,"shifts":15,"forms":3,"group":"local","retirement_age":null,
		"unemployment":{"since":"2007-01-10","prior_job":true,"laid_off":null},
		"recognitions":[],"certificate":null}'::jsonb || p_more
$$;
CREATE FUNCTION t.blind(p_citizen text) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
	SELECT sha256(convert_to(p_citizen, 'UTF8'))
$$;
CREATE FUNCTION t.seeker(p_id bigint, p_more jsonb DEFAULT '{}', p_key text DEFAULT 'bureau',
	p_idem text DEFAULT NULL)
RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.fold(ARRAY(SELECT (r.kind, r.status, r.code, r.body, r.id, r.version, r.record,
		r.label)::api.reply FROM api.register_seekers(4101, ARRAY[t.kid(p_key)],
		ARRAY[t.secret(p_key)], ARRAY[t.actor(p_key)], ARRAY[coalesce(p_idem, 'seeker-' || p_id)],
		ARRAY[sha256(convert_to(p_id || p_more::text, 'UTF8'))], ARRAY[p_id],
		ARRAY[t.blind(coalesce(p_more->>'citizen', p_id::text))], ARRAY['\x01'::bytea],
		ARRAY['\x02'::bytea], ARRAY['\x03'::bytea], ARRAY[NULL::bytea],
		ARRAY[t.person(p_more)]) r))
$$;

CREATE FUNCTION t.household(p_members bigint[], p_more jsonb DEFAULT '{}', p_key text DEFAULT 'bureau')
RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.fold(ARRAY(SELECT r FROM api.register_household(4101, t.kid(p_key), t.secret(p_key),
		t.actor(p_key), 'household-' || md5(p_members::text || p_more::text), '\x01',
		jsonb_build_object('community', '410105003001', 'hukou_type', 'urban', 'business_income',
		false, 'investment_income', false, 'applied_on', '2007-06-01', 'determined_on',
		'2007-06-11', 'members', (SELECT jsonb_agg(jsonb_build_object('seeker',
		ledger.seeker_text(m), 'able', true, 'willing', true, 'excluded', NULL))
		FROM unnest(p_members) m)) || p_more) r))
$$;

-- One placement, which is a batch of one.
CREATE FUNCTION t.report(p_key text, p_idem text, p_req bytea, p_body jsonb) RETURNS jsonb
LANGUAGE sql AS $$
	SELECT t.fold(ARRAY(SELECT (r.kind, r.status, r.code, r.body, r.id, r.version, r.record,
		r.label)::api.reply FROM api.report_placements(4101, ARRAY[t.kid(p_key)],
		ARRAY[t.secret(p_key)], ARRAY[t.actor(p_key)], ARRAY[p_idem], ARRAY[p_req],
		ARRAY[p_body]) r))
$$;
CREATE FUNCTION t.place(p_seeker bigint, p_vacancy bigint, p_more jsonb DEFAULT '{}',
	p_key text DEFAULT 'bureau', p_idem text DEFAULT NULL)
RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.report(p_key, coalesce(p_idem, gen_random_uuid()::text),
		sha256(convert_to(p_seeker || '/' || coalesce(p_vacancy, 0) || p_more::text, 'UTF8')),
		jsonb_build_object('seeker', ledger.seeker_text(p_seeker), 'vacancy', p_vacancy::text,
		'kind', 'unit', 'employer', NULL, 'workplace', NULL, 'start_on', '2007-07-12', 'source',
		NULL) || p_more)
$$;

CREATE FUNCTION t.confirm(p_id text, p_key text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.fold(ARRAY(SELECT r FROM api.confirm_placement(4101, t.kid(p_key), t.secret(p_key),
		t.actor(p_key), gen_random_uuid()::text, '\x01', p_id::bigint) r))
$$;
CREATE FUNCTION t.fact(p_id bigint, p_what text, p_body jsonb, p_fact bigint DEFAULT NULL)
RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.fold(ARRAY(SELECT r FROM api.change_person(4101, t.kid('bureau'), t.secret('bureau'),
		t.actor('bureau'), gen_random_uuid()::text, '\x01', p_id, p_what, p_fact, p_body) r))
$$;
CREATE FUNCTION t.ends(p_id text, p_body jsonb) RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.fold(ARRAY(SELECT r FROM api.end_placement(4101, t.kid('bureau'), t.secret('bureau'),
		t.actor('bureau'), gen_random_uuid()::text, '\x01', p_id::bigint, p_body) r))
$$;
-- By another officer than who mostly reports.
CREATE FUNCTION t.register(p_id text, p_key text DEFAULT 'bureau',
	p_body jsonb DEFAULT '{"community":"410105003001","on":"2007-07-12"}',
	p_second boolean DEFAULT true)
RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.fold(ARRAY(SELECT r FROM api.register_placement(4101, t.kid(p_key), t.secret(p_key),
		CASE WHEN p_second THEN t.second_actor(p_key) ELSE t.actor(p_key) END, gen_random_uuid()::text, '\x01', p_id::bigint, p_body) r))
$$;
-- p_what: "withdraw", "void", "undo" or "decide"; p_second: by the other officer of the key.
CREATE FUNCTION t.change(p_id text, p_what text, p_body jsonb, p_key text DEFAULT 'bureau',
	p_second boolean DEFAULT false)
RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.fold(ARRAY(SELECT r FROM api.change_placement(4101, t.kid(p_key), t.secret(p_key),
		CASE WHEN p_second THEN t.second_actor(p_key) ELSE t.actor(p_key) END,
		gen_random_uuid()::text, '\x01', p_id::bigint, p_what, p_body) r))
$$;
-- Asked for by one, approved by another: the last answer, which is the first when that refuses.
CREATE FUNCTION t.void(p_id text, p_key text DEFAULT 'bureau', p_what text DEFAULT 'void')
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	a jsonb := t.change(p_id, p_what, '{"reason":"no-show","evidence":"letter"}'::jsonb
		|| CASE p_what WHEN 'void' THEN '{"code":"V2"}' ELSE '{}' END::jsonb, p_key);
BEGIN
	IF a->>'code' <> 'ok' THEN
		RETURN a;
	END IF;
	RETURN t.change(p_id, 'decide', '{"decision":"approve","reason":"seen"}', p_key, true);
END $$;
CREATE FUNCTION t.approve(p_approval text, p_posts int, p_more jsonb DEFAULT '{}') RETURNS jsonb
LANGUAGE sql AS $$
	SELECT t.fold(ARRAY(SELECT r FROM api.approve_posts(4101, t.kid('bureau'), t.secret('bureau'),
		t.actor('bureau'), gen_random_uuid()::text, '\x01', jsonb_build_object('approval', p_approval, 'employer',
		NULL, 'community', '410105003001', 'kind', 'cleaning', 'posts', p_posts, 'approved_on',
		'2007-05-01', 'new', true) || p_more) r))
$$;

CREATE FUNCTION t.rank(p_id bigint) RETURNS text LANGUAGE sql AS $$
	SELECT 'P' || rank || ' ' || rank_reason FROM ledger.seeker WHERE city = 4101 AND id = p_id
$$;
-- "T1 T2 T4": the targets one person counts toward.
CREATE FUNCTION t.counts(p_id bigint, p_as_of date DEFAULT '2007-07-12', p_year int DEFAULT 2007)
RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(string_agg(target, ' ' ORDER BY target), '')
	FROM ledger.counted(4101, p_year, p_as_of, p_id)
$$;
CREATE FUNCTION t.why(p_id bigint, p_target text, p_as_of date DEFAULT '2007-07-12',
	p_year int DEFAULT 2007)
RETURNS text LANGUAGE sql AS $$
	SELECT x->>'rule'
	FROM jsonb_array_elements(ledger.person_progress_json(4101, p_id, p_year, p_as_of)->'targets') x
	WHERE x->>'target' = p_target
$$;
-- Found alone, registered at once; answers the placement's id.
CREATE FUNCTION t.works(p_id bigint, p_start date, p_more jsonb DEFAULT '{}',
	p_community text DEFAULT '410105003001')
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	a jsonb := t.place(p_id, NULL, jsonb_build_object('kind', 'flexible', 'start_on', p_start) || p_more);
BEGIN
	PERFORM t.is('reported', a->>'code', 'ok');
	PERFORM t.is('registered', t.register(a->'body'->>'placement', 'bureau', jsonb_build_object(
		'community', p_community, 'on', least(greatest(p_start, DATE '2007-01-01'), DATE '2007-07-12')))->>'code', 'ok');
	RETURN a->'body'->>'placement';
END $$;

-- Entries of registers; ops.load_registers has said which there are.
CREATE FUNCTION t.entry(p_register text, p_body jsonb) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	a jsonb := t.fold(ARRAY(SELECT r FROM api.create_entry(4101, t.kid('bureau'), t.secret('bureau'),
		t.actor('bureau'), gen_random_uuid()::text, '\x01', p_register, p_body) r));
BEGIN
	PERFORM t.is(p_register || ' ' || a::text, a->>'code', 'ok');
	RETURN (a#>>ARRAY['body', replace(p_register, '-', '_')])::bigint;
END $$;
CREATE FUNCTION t.course(p_from date, p_until date, p_more jsonb DEFAULT '{}') RETURNS bigint
LANGUAGE sql AS $$
	SELECT t.entry('course', jsonb_build_object('title', '电工', 'provider', '技校', 'kind', 'skills',
		'approval', '郑劳培2007-1', 'from', p_from, 'until', p_until, 'place', 410105003001,
		'seats', 99, 'attendance_min', 80, 'subsidised', false) || p_more)
$$;
CREATE FUNCTION t.enrol(p_course bigint, p_seeker bigint, p_from date, p_until date DEFAULT NULL,
	p_more jsonb DEFAULT '{}')
RETURNS bigint LANGUAGE sql AS $$
	SELECT t.entry('enrolment', jsonb_build_object('course', p_course, 'seeker', p_seeker,
		'from', p_from, 'until', p_until, 'attendance', CASE WHEN p_until IS NOT NULL THEN 90 END,
		'outcome', CASE WHEN p_until IS NULL THEN 'attending' ELSE 'completed' END) || p_more)
$$;

-- The agency may introduce people all the year.
INSERT INTO ledger.agency_licence SELECT 4101, 'AGENCY001', 1, 'L-1', '4101', '{introduction}',
	'2006-01-01', '2008-12-31', NULL, NULL, ledger.app_now(4101), t.kid('bureau'), '';
SELECT t.employer('bureau', '123456788', '{"name":"测试企业","kind":"firm","sites":[
	{"district":"410105","since":"2005-01-01"},{"district":"410103","since":"2007-04-01"}]}');
SELECT t.employer('bureau', '600037341', '{"name":"另一企业","sites":[{"district":"410105","since":"2005-01-01"}]}');
