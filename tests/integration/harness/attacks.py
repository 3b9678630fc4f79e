"""Attacks on the ledger by its own calls: a world of keys, officers and people, and what somebody in it
tries beyond what they may.

Each is a call and what is seen in its answer when it got through; none does, with every check in place.
"""

import json

from .registers import ROWS

WORLD = """
CREATE FUNCTION t.said_by(p_officer bigint) RETURNS text LANGUAGE sql AS $$
	SELECT ledger.seeker_text(p_officer) || '.' || encode(t.secret('of ' || p_officer), 'hex') || ' request-3'
$$;
-- An officer of the city's bureau, and what is different of them.
CREATE FUNCTION t.add_officer(p_id bigint, p_more jsonb) RETURNS void LANGUAGE sql AS $$
	INSERT INTO ledger.officer SELECT (jsonb_populate_record(o, jsonb_build_object('id', p_id, 'secret_hash',
			t.secret('of ' || p_id), 'lead', false) || p_more)).* FROM ledger.officer o WHERE o.id = t.officer_id('bureau')
$$;
CREATE FUNCTION t.for(p_actor text, p_officer bigint) RETURNS text LANGUAGE sql AS $$
	SELECT split_part(p_actor, ' ', 1) || '.' || ledger.seeker_text(p_officer) || ' request-4'
$$;
CREATE FUNCTION t.ask(p_key text, p_actor text, p_call text, p_rest text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	a jsonb;
BEGIN
	EXECUTE format('SELECT t.fold(ARRAY(SELECT r FROM api.%I(4101, t.kid(%L), t.secret(%L), %L, %s) r))',
		p_call, p_key, p_key, p_actor, p_rest) INTO a;
	RETURN a;
END $$;
CREATE FUNCTION t.id(p_ref text) RETURNS bigint LANGUAGE sql AS $$
	SELECT id FROM ledger.vacancy WHERE ref = p_ref
$$;
CREATE FUNCTION t.placed(p_seeker bigint) RETURNS bigint LANGUAGE sql AS $$
	SELECT id FROM ledger.placement WHERE seeker = p_seeker
$$;
-- What a call is answered, undone again: "through", if p_seen is true of the answer $1, or why not.
CREATE FUNCTION t.tried(p_call text, p_seen text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	a    jsonb;
	seen boolean;
BEGIN
	EXECUTE 'SELECT ' || p_call INTO a;
	EXECUTE 'SELECT ' || p_seen USING a INTO seen;
	RAISE EXCEPTION '%', CASE WHEN seen AND (p_seen <> 'true' OR (a->>'status')::int < 300) THEN 'through' ELSE a->>'status' || ' ' || (a->>'code') END
		USING ERRCODE = 'ZZ001';
EXCEPTION
	WHEN SQLSTATE 'ZZ001' THEN RETURN SQLERRM;
	WHEN OTHERS THEN RETURN 'error ' || SQLERRM;
END $$;

SELECT t.add_officer(910, '{"scope":"410103"}'), t.add_officer(911, '{"revoked_at":"2007-07-01T00:00:00Z"}'),
	t.add_officer(912, '{"valid_from":"2007-01-01","valid_until":"2007-07-01"}'), t.add_officer(913, '{}'),
	t.add_officer(914, jsonb_build_object('secret_hands', ARRAY[ledger.seeker_text(901)])),
	t.add_officer(915, '{"role":2}'), t.add_officer(916, jsonb_build_object('code_hash', t.secret('code'),
	'code_until', '2008-01-01T00:00:00Z')), t.add_officer(917, '{}'), t.add_officer(918, '{"scope":"410105"}'),
	t.add_officer(919, '{"scope":"410103","lead":true,"valid_until":"2007-12-31"}'), t.add_officer(920,
	'{"role":2,"organisation":"AGENCY009"}'), t.add_officer(921, '{"role":2,"organisation":"AGENCY010","scope":"410103"}'),
	t.add_officer(924, '{"role":8,"organisation":"auditor"}'),
	t.add_officer(922, '{"scope":"410103"}'), t.add_officer(923, '{"scope":"410103","valid_until":"2007-12-31"}');
SELECT t.key('unlicensed', '{"role":"agency","scope":"4101","org_code":"AGENCY009"}'),
	t.key('agency there', '{"role":"agency","scope":"410103","org_code":"AGENCY010"}'),
	t.key('auditor there', '{"role":"auditor","scope":"410103"}');
INSERT INTO ledger.api_key SELECT (jsonb_populate_record(k, x.more || jsonb_build_object('kid', t.kid(x.name),
		'secret_hash', t.secret(x.name)))).* FROM ledger.api_key k, (VALUES
	('gone', '{"revoked_at":"2007-07-01T00:00:00Z"}'::jsonb), ('over', '{"not_before":"2007-01-01T00:00:00Z","expires_at":"2007-07-01T00:00:00Z"}'),
	('earnest', '{"sandbox":false}')) x (name, more) WHERE k.kid = t.kid('bureau');

SELECT t.file(jsonb_build_array(t.line('A', 5), t.line('B', 5), t.line('C', 1), t.line('D', 5), t.line('E', 5)));
SELECT t.file(jsonb_build_array(t.line('A', 5), t.line('B', 5), t.line('D', 5), t.line('E', 5)), p_closed => '[{"ref":"C","reason":"withdrawn"}]');
SELECT t.seeker(n) FROM generate_series(1, 18) n;
SELECT t.seeker(n, '{"community":"410103001001"}') FROM generate_series(20, 23) n;
UPDATE ledger.person SET name_blind = sha256('same') WHERE id IN (15, 20);
SELECT t.place(1, NULL, '{"kind":"flexible"}'), t.place(2, t.id('A')), t.works(3, '2007-07-01'), t.works(4, '2007-07-01');
SELECT t.change(t.placed(3)::text, 'void', '{"reason":"no-show","evidence":"letter","code":"V2"}');
SELECT t.household('{5,6}'), t.household('{7,8}'), t.household('{20,21}', '{"community":"410103001001"}');
SELECT t.ask('bureau', t.actor('bureau'), 'end_household', format('''e'', ''\\x01'', %s, ''ask'', ''{"reason":"moved"}''',
	(SELECT min(id) FROM ledger.household)));
SELECT t.ask('bureau', t.actor('bureau'), 'merge_seekers', format('''m'', ''\\x01'', 9, ''merge'', %L',
	jsonb_build_object('duplicate', ledger.seeker_text(10), 'reason', 'one person')));
SELECT t.ask('bureau', t.actor('bureau'), 'create_referral', format('%L, ''\\x01'', %L, ''{}''', ref,
	jsonb_build_object('seeker', ledger.seeker_text(12), 'vacancy', t.id(ref)::text))) FROM unnest('{B,D,E}'::text[]) ref;
-- The bureau's and another agency's referrals of one pair, two of them live; and one that a placement
-- has ended, beside a live one of the agency's own.
SELECT t.ask('bureau', t.actor('bureau'), 'create_referral', format('%L, ''\\x01'', %L, ''{}''', 'r' || n,
	jsonb_build_object('seeker', ledger.seeker_text(n), 'vacancy', t.id('E')::text))) FROM generate_series(17, 18) n;
SELECT t.place(18, t.id('E'));
INSERT INTO ledger.referral OVERRIDING SYSTEM VALUE SELECT (jsonb_populate_record(r, '{"state":"proposed","placement":null,
	"by_role":2}'::jsonb || jsonb_build_object('id', 1000 + r.seeker, 'by_whom',
	CASE r.seeker WHEN 17 THEN 'AGENCY010' ELSE 'AGENCY001' END))).* FROM ledger.referral r WHERE r.seeker IN (17, 18);
INSERT INTO ledger.agency_licence SELECT (jsonb_populate_record(l, x)).* FROM ledger.agency_licence l,
	(VALUES ('{"organisation":"AGENCY002","district":"410105"}'::jsonb), ('{"organisation":"AGENCY010"}')) v (x);
SELECT t.ask('bureau', t.actor('bureau'), 'create_entry', format('%L, ''\\x01'', %L, %L', md5(x.body), x.register, x.body))
	FROM (VALUES ('course', '{"title":"t","provider":"p","kind":"vocational","from":"2007-07-02","until":"2007-08-02",
		"place":"410105003001","seats":9,"attendance_min":80,"subsidised":false}'),
	('course', '{"title":"there","provider":"p","kind":"vocational","from":"2007-07-02","until":"2007-08-02",
		"place":"410103001001","seats":9,"attendance_min":80,"subsidised":false}'),
	('outside-figure', '{"subject":"410105","indicator":"gdp","period":"2006","value":1,"source":"s","day":"2007-07-01"}'),
	('outside-figure', '{"subject":"city","indicator":"gdp","period":"2005","value":1,"source":"s","day":"2007-07-01"}'))
	x (register, body);
SELECT t.ask('bureau', t.actor('bureau'), 'create_entry', format('''enrol'', ''\\x01'', ''enrolment'', %L',
	jsonb_build_object('course', (SELECT min(id)::text FROM ledger.course), 'seeker', '15', 'from', '2007-07-02',
	'outcome', 'attending')));
-- What two files registered: one here, one here and in another district.
INSERT INTO ledger.import (city, first_kid, name, kind, format, state, actor, started_at, changed_at)
	SELECT 4101, t.kid('bureau'), 'file ' || n, 'seekers', 'ndjson', 'complete', '', now(), now() FROM generate_series(1, 2) n;
INSERT INTO ledger.lot (city, id, kind, first_kid, import, records, asked_at, asked_kid, asked_actor, whole_at, seed)
	OVERRIDING SYSTEM VALUE SELECT 4101, n, 'seekers', t.kid('bureau'), 'file ' || n, n, now(), t.kid('bureau'),
	ledger.seeker_text(901), now(), 's' FROM generate_series(1, 2) n;
INSERT INTO ledger.lot_record (city, lot, n, object, place) VALUES (4101, 1, 1, 11, 410105003001),
	(4101, 2, 1, 12, 410105003001), (4101, 2, 2, 13, 410104001001);
INSERT INTO ledger.lot_place SELECT city, lot, place, count(*) FROM ledger.lot_record GROUP BY 1, 2, 3;
-- Answers that are kept, before a scope narrows and a file moves away.
SELECT t.ask('bureau', t.actor('bureau'), 'find_seeker', '''find'', ''\\x01'', t.blind(''11'')');
SELECT t.ask('bureau', t.said_by(917), 'approve_posts', '''approve'', ''\\x01'', t.posts()');
SELECT t.ask('bureau', t.said_by(918), 'register_household', format('''home'', ''\\x01'', %L', t.home()));
UPDATE ledger.household SET community = 410103001001, version = version + 1
	WHERE id = (SELECT household FROM ledger.household_member WHERE person = 13);
SELECT t.ask('bureau', t.said_by(918), 'find_seeker', '''moved'', ''\\x01'', t.blind(''16'')');
UPDATE ledger.officer SET scope = '410103' WHERE id = 917;
UPDATE ledger.return_line SET contact = '\\x01' WHERE ref = 'A';
UPDATE ledger.seeker SET community = 410103001001, version = version + 1 WHERE id = 16;
INSERT INTO ledger.delegation (city, from_officer, to_officer, scope, valid_from, valid_until, ended_at) VALUES
	(4101, 901, 918, '4101', '2007-07-01', '2007-12-31', NULL), (4101, 901, 910, '4101', '2007-07-01', '2007-12-31', '2007-07-02'),
	(4101, 913, 910, '4101', '2007-01-01', '2007-06-30', NULL), (4101, 951, 901, '4101', '2007-07-01', '2007-12-31', NULL),
	(4101, 905, 924, '4101', '2007-07-01', '2007-12-31', NULL), (4101, 901, 923, '4101', '2007-07-01', '2007-12-31', NULL), (4101, 902, 952, '410105', '2007-07-01', '2007-12-31', NULL);
"""
HELP = f"""
SELECT ops.load_registers($rows${json.dumps(ROWS)}$rows$);
""" + """
CREATE FUNCTION t.member(p_id bigint) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object('seeker',
	ledger.seeker_text(p_id), 'able', true, 'willing', true, 'excluded', NULL) $$;
CREATE FUNCTION t.home() RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object('community', '410105003001',
	'hukou_type', 'urban', 'business_income', false, 'investment_income', false, 'applied_on', '2007-06-01',
	'determined_on', '2007-06-11', 'members', jsonb_build_array(t.member(13), t.member(14))) $$;
-- A placement reported by whom the actor says.
CREATE FUNCTION t.reported(p_key text, p_actor text, p_body jsonb) RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.fold(ARRAY(SELECT (r.kind, r.status, r.code, r.body, r.id, r.version, r.record, r.label)::api.reply
		FROM api.report_placements(4101, ARRAY[t.kid(p_key)], ARRAY[t.secret(p_key)], ARRAY[p_actor], ARRAY['w'],
		ARRAY['\\x02'::bytea], ARRAY['{"vacancy":null,"kind":"flexible","employer":null,"workplace":null,
		"start_on":"2007-07-12","source":null}'::jsonb || p_body]) r))
$$;
-- A line of a file of the other employer's, about this one's.
CREATE FUNCTION t.offered(p_more jsonb) RETURNS json LANGUAGE sql AS $$ SELECT jsonb_build_array(t.line('A', 3)
	|| '{"employer":"123456788","district":"410105","quarter":"2007Q2","n":1}' || p_more)::json $$;
CREATE FUNCTION t.nothing() RETURNS api.reply LANGUAGE sql IMMUTABLE AS $$ SELECT NULL::api.reply $$;
CREATE FUNCTION t.posts() RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object('approval', 'G-9', 'employer', NULL,
	'community', '410105003001', 'kind', 'cleaning', 'posts', 1, 'approved_on', '2007-05-01', 'new', true) $$;
"""
ITEMS = "jsonb_array_length($1#>'{body,items}') > 0"
ANY = "true"
EVENTS = "jsonb_array_length($1->'events') > 0"


def by(key, call, rest, seen=ANY, actor=None):
    """An attack with this key, by the officer behind it unless another is meant."""
    actor = actor or f"t.actor('{key}')"
    return f"t.ask('{key}', {actor}, '{call}', $r${rest}$r$)", seen


def away(call, rest, seen=ANY):
    return by("elsewhere", call, rest, seen)


def auditor(call, rest, seen=ANY):
    return by("auditor there", call, rest, seen, "' r'")


def one(of):
    return f"(SELECT min(id) FROM ledger.{of})"


POST = "'x', '\\x02', "
MINE = "ledger.seeker_text(902)"  # an officer of the district's bureau
NAMED = f"$1->>'body' LIKE '%' || {MINE} || '%'"
NUMBER = "'123456788', '410105', '2007Q2'"
BY_CITY = "$1->>'body' LIKE '%' || ledger.seeker_text(901) || '%'"
OF_HERE = "$1->>'body' LIKE '%' || ledger.seeker_text(11) || '%'"
YOU = "$1->>'body' LIKE '%\"you\": true%'"
NEW = "'{\"name\":\"n\",\"post\":\"p\",\"scope\":\"410103\"}'"
CLOSED = "'{\"employer\":\"123456788\",\"state\":\"closed\"}', 'newest', 9, NULL, NULL"
READ = "read_seeker"
REFUSED = '{"decision":"refuse","reason":"r","ok":[],"wrong":[]}'
ATTACKS = {
    # Who somebody is.
    "another secret of a key": (f"t.fold(ARRAY(SELECT r FROM api.read_seeker(4101, t.kid('bureau'), t.secret('x'),"
                                " t.actor('bureau'), 1) r))", ANY),
    "a revoked key": by("gone", READ, "1", actor="t.actor('bureau')"),
    "a key whose days are over": by("over", READ, "1", actor="t.actor('bureau')"),
    "a key of the other kind of city": by("earnest", READ, "1", actor="t.actor('bureau')"),
    "another secret of an officer": by("bureau", READ, "1", actor="ledger.seeker_text(901) || '.00 r'"),
    "an officer of another role": by("bureau", READ, "1", actor="t.said_by(915)"),
    "an officer of another organisation": by("bureau", READ, "1", actor="t.actor('district')"),
    "a revoked officer": by("bureau", READ, "1", actor="t.said_by(911)"),
    "an officer whose days are over": by("bureau", READ, "1", actor="t.said_by(912)"),
    "an officer out of their scope": by("bureau", READ, "1", actor="t.said_by(910)"),
    "what was delegated to another": by("bureau", READ, "1", actor="t.for(t.said_by(913), 901)"),
    "a delegation that was ended": by("bureau", READ, "1", actor="t.for(t.said_by(910), 901)"),
    "a delegation whose days are over": by("bureau", READ, "1", actor="t.for(t.said_by(910), 913)"),
    "a lead in another's place": by("bureau", "create_officer", f"{POST} 990, t.secret('new'), {NEW}",
                                    actor="t.for(t.actor('bureau'), 951)"),
    "no officer": by("bureau", READ, "1", actor="' r'"),
    "no role for it": by("firm", READ, "1", actor="' r'"),
    # Grants.
    "a clerk makes an officer": by("bureau", "create_officer", f"{POST} 990, t.secret('new'), {NEW}", actor="t.said_by(913)"),
    "an officer of more": by("bureau", "create_officer", POST + "990, t.secret('new'), '{\"name\":\"n\",\"post\":\"p\",\"scope\":\"4101\"}'",
                             actor="t.said_by(919)"),
    "a clerk changes an officer": by("bureau", "change_officer", "914, NULL, '{\"post\":\"q\"}'", actor="t.said_by(913)"),
    "an officer made more": by("bureau", "change_officer", "919, NULL, '{\"scope\":\"4101\"}'", actor="t.said_by(919)"),
    "an officer of more ended": by("bureau", "change_officer", "913, NULL, '{\"revoked\":true}'", actor="t.said_by(919)"),
    "a delegation of more": by("bureau", "delegate_officer", POST + "913, jsonb_build_object('to', ledger.seeker_text(919),"
                               " 'scope', '4101', 'until', '2007-08-01')", actor="t.said_by(919)"),
    "another's officer changed": away("change_officer", "902, NULL, '{\"post\":\"q\"}'"),
    "another's officer read": away("read_officer", "902"),
    "another's officers listed": away("list_officers", "NULL, 50, NULL", NAMED),
    "what another's officer did": away("list_actions", "902, NULL, 50, NULL"),
    "what all did": away("list_actions", "NULL, NULL, 50, NULL", BY_CITY),
    "at whom another's officer looked": away("list_looks", "NULL, 902, 50, NULL"),
    "who looked at somebody": away("list_looks", "11, NULL, 50, NULL"),
    "who looked at all": away("list_looks", "NULL, NULL, 50, NULL", OF_HERE),
    "a code by who knows the secret": by("bureau", "make_secret_code", POST + "914, t.secret('new')"),
    "a secret for another": by("bureau", "set_own_secret", POST + "916, t.secret('code'), t.secret('new')", actor="t.said_by(913)"),
    "a secret by another code": by("bureau", "set_own_secret", POST + "916, t.secret('x'), t.secret('new')", actor="t.said_by(916)"),
    "a code of more": by("bureau", "make_secret_code", POST + "913, t.secret('new')", actor="t.said_by(919)"),
    "a secret of more days": by("bureau", "renew_officer", POST + "922, t.secret('new')", actor="t.said_by(919)"),
    "a secret of more by delegation": by("bureau", "renew_officer", POST + "923, t.secret('new')", actor="t.said_by(919)"),
    "another's officer stood in for": away("delegate_officer", POST + "902, jsonb_build_object('to',"
                                           " ledger.seeker_text(952), 'scope', '410105', 'until', '2007-08-01')"),
    "another's delegation ended": away("end_delegation", POST + "902, (SELECT id FROM ledger.delegation WHERE to_officer = 952)"),
    "an auditor's delegation ended": by("bureau", "end_delegation", POST + "905, (SELECT id FROM ledger.delegation"
                                         " WHERE to_officer = 924)"),
    "an auditor made": by("bureau", "create_officer", POST + "990, t.secret('new'), '{\"name\":\"n\",\"post\":\"p\","
        "\"scope\":\"4101\",\"role\":\"auditor\",\"organisation\":\"auditor\"}'"),
    "an officer of more than the key": by("bureau", "create_officer", POST + "990, t.secret('new'), '{\"name\":\"n\","
        "\"post\":\"p\",\"scope\":\"4101\",\"role\":\"bureau\",\"organisation\":\"district\"}'"),
    "another's officer made": away("create_officer", POST + "990, t.secret('new'), '{\"name\":\"n\",\"post\":\"p\","
        "\"scope\":\"410105\",\"role\":\"bureau\",\"organisation\":\"district\"}'"),
    "a key of another city": ("t.key('new', '{\"role\":\"bureau\",\"scope\":\"4201\"}')", ANY),
    # Answers that were kept.
    "another officer's answer": by("bureau", "find_seeker", "'find', '\\x01', t.blind('11')", actor="t.second_actor('bureau')"),
    "an answer after the scope": by("bureau", "approve_posts", "'approve', '\\x01', t.posts()", actor="t.said_by(917)"),
    "an answer after the file": by("bureau", "find_seeker", "'moved', '\\x01', t.blind('16')", actor="t.said_by(918)"),
    "an answer after the household": by("bureau", "register_household", "'home', '\\x01', t.home()", actor="t.said_by(918)"),
    # Two hands.
    "own report registered": (f"t.register(t.placed(1)::text, p_second => false)", ANY),
    "own report confirmed": (f"t.confirm(t.placed(1)::text, 'bureau')", ANY),
    "own void decided": ("t.change(t.placed(3)::text, 'decide', '{\"decision\":\"approve\",\"reason\":\"r\"}')", ANY),
    "own end decided": by("bureau", "end_household", f"{POST} {one('household')}, 'decide', '{{\"decision\":\"approve\",\"reason\":\"r\"}}'"),
    "own merge undone": by("bureau", "merge_seekers", POST + "9, 'unmerge', jsonb_build_object('duplicate', ledger.seeker_text(10), 'reason', 'r')"),
    "own requests offered": by("bureau", "list_decisions", "false, 'register', NULL, 50, NULL, NULL", YOU),
    "own confirmations offered": by("bureau", "list_decisions", "false, 'confirm', NULL, 50, NULL, NULL", YOU),
    "own lot decided": by("bureau", "decide_lot", POST + f"1, '{REFUSED}'"),
    "own lots offered": by("bureau", "list_decisions", "false, 'lot', NULL, 50, NULL, NULL", YOU),
    "own voids offered": by("bureau", "list_decisions", "false, 'void', NULL, 50, NULL, NULL", YOU),
    # People of elsewhere.
    "a file": away(READ, "1"),
    "a file as it was": away(READ, "1, '2007-07-12'"),
    "a number": away("find_seeker", POST + "t.blind('1')"),
    "people": away("list_seekers", "NULL, NULL, NULL, NULL, NULL, NULL, 50, NULL, NULL", f"$1->>'body' LIKE '%' || ledger.seeker_text(11) || '%'"),
    "somebody's targets": away("read_person_progress", "1, 2007, '2007-07-12'"),
    "who of there is behind a figure": away("list_behind", "'T1', 2007, '2007-07-12', NULL, 50, NULL", "$1->>'body' LIKE '%410105003001%'"),
    "somebody's number": away("read_identity", "1"),
    "twins": away("list_duplicates", "20, '{}'", ITEMS),
    "a file amended": away("amend_seeker", "11, NULL, '{\"education\":\"61\"}', NULL, NULL"),
    "a file moved away": away("amend_seeker", "23, NULL, '{\"community\":\"410105003001\"}', NULL, NULL"),
    "a fact": away("change_person", POST + "11, 'withdraw', NULL, '{\"reason\":\"moved\",\"on\":\"2007-07-12\"}'"),
    "somebody registered there": ("t.seeker(30, p_key => 'elsewhere')", ANY),
    "somebody known there registered": ("t.seeker(31, '{\"citizen\":\"1\",\"community\":\"410103001001\"}', 'elsewhere')",
                                        ANY),
    "a household": away("read_household", one("household")),
    "households": away("list_households", "NULL, NULL, NULL, 50, NULL", "$1->>'body' LIKE '%410105003001%'"),
    "whole seekers of there": away("read_whole", "'seekers', jsonb_build_array(ledger.seeker_text(5))", ITEMS),
    "a whole household of there": away("read_whole", "'households', jsonb_build_array(" + one("household") + "::text)", ITEMS),
    "the number of a member from elsewhere": away("read_whole", "'households', jsonb_build_array((SELECT household::text"
                                                  " FROM ledger.household_member WHERE person = 13))",
                                                  "$1->>'body' LIKE '%citizen_number%'"),
    "a household of there in a file": away("import_batch", "'households', 'i', NULL, 0, json_build_array(json_build_object("
                                           "'n', 1, 'hash', '00', 'body', t.home() || jsonb_build_object('members',"
                                           " jsonb_build_array(t.member(5), t.member(6))))), 1, 0, ''",
                                           "$1->>'body' LIKE '%unchanged%'"),
    "a household registered there": ("t.household('{22,23}', '{}', 'elsewhere')", ANY),
    "a household of others": ("t.household('{11,1}', '{\"community\":\"410103001001\"}', 'elsewhere')", ANY),
    "a household amended": away("amend_household", "(SELECT min(id) + 1 FROM ledger.household), NULL, '{\"investment_income\":false}'"),
    "a household amended by others": away("amend_household", "(SELECT max(id) FROM ledger.household), NULL, jsonb_build_object('members', jsonb_build_array(t.member(20), t.member(11)))"),
    "a household ended": away("end_household", POST + "(SELECT min(id) + 1 FROM ledger.household), 'ask', '{\"reason\":\"moved\"}'"),
    "a lot": away("read_lot", "1"),
    "a lot that goes beyond decided": by("district", "decide_lot", POST + f"2, '{REFUSED}'"),
    "what of a lot goes beyond": by("district", "list_lot_records", "2, NULL, NULL, 50, NULL",
                                    "$1->>'body' LIKE '%410104001001%'"),
    # Work.
    "somebody placed": ("t.place(11, NULL, '{\"kind\":\"flexible\"}', 'elsewhere')", ANY),
    "a placement": away("read_placement", "t.placed(1)"),
    "a placement registered": ("t.register(t.placed(1)::text, 'elsewhere', '{\"community\":\"410103001001\",\"on\":\"2007-07-12\"}')", ANY),
    "a placement registered there": ("t.register(t.placed(1)::text, 'district', '{\"community\":\"410103001001\",\"on\":\"2007-07-12\"}')", ANY),
    "a placement confirmed": ("t.confirm(t.placed(2)::text, 'elsewhere')", ANY),
    "a job ended": away("end_placement", POST + "t.placed(4), '{\"on\":\"2007-07-12\",\"reason\":\"dismissed\"}'"),
    "a void asked": ("t.change(t.placed(4)::text, 'void', '{\"reason\":\"r\",\"evidence\":\"e\",\"code\":\"V2\"}', 'elsewhere')", ANY),
    "a void decided": ("t.change(t.placed(3)::text, 'decide', '{\"decision\":\"approve\",\"reason\":\"r\"}', 'elsewhere')", ANY),
    "what waits": away("list_decisions", "false, NULL, NULL, 50, NULL, NULL", ITEMS),
    "a referral": away("read_referral", one("referral")),
    "a referral's step": away("step_referral", f"{POST} {one('referral')}, 'consent', '{{}}'"),
    "referrals": away("list_referrals", "NULL, NULL, NULL, NULL, 50, NULL", ITEMS),
    "a referral made": away("create_referral", POST + "jsonb_build_object('seeker', ledger.seeker_text(11), 'vacancy', t.id('A')::text), '{}'"),
    "posts approved": away("approve_posts", POST + "t.posts()"),
    "somebody's data by a referral": away("read_referral_person", one("referral")),
    "how many were referred": away("summarise_referrals", "'2007-01-01', '2007-07-12', 'by'", "$1->>'body' LIKE '%bureau%'"),
    "a report withdrawn": ("t.change(t.placed(4)::text, 'withdraw', '{\"signal\":\"report\",\"reason\":\"r\"}', 'elsewhere')", ANY),
    "another's referral named": ("t.reported('agency', t.actor('agency'), jsonb_build_object('seeker', ledger.seeker_text(12),"
                                f" 'vacancy', t.id('B')::text, 'kind', 'unit', 'referral', {one('referral')}::text))", ANY),
    "how many referrals of others": ("t.reported('agency', t.actor('agency'), jsonb_build_object('seeker', ledger.seeker_text(17),"
                                     " 'vacancy', t.id('E')::text, 'kind', 'unit'))", "$1->>'code' = 'referral-unclear'"),
    "another's referral that ended": ("t.reported('agency', t.actor('agency'), jsonb_build_object('seeker', ledger.seeker_text(18),"
                                      " 'vacancy', t.id('E')::text, 'kind', 'unit', 'referral', '1018'))", "$1->'body' ? 'referral'"),
    "others' referrals": by("agency", "create_referral", POST + "jsonb_build_object('seeker', ledger.seeker_text(12),"
                            " 'vacancy', t.id('A')::text, 'passing_reason', NULL), '{}'", "$1->>'body' LIKE '%\"referral\":%'"),
    "somebody's job": ("t.place(1, t.id('A'), '{}', 'firm')", "$1->'body' ? 'placement'"),
    "a referral without a licence": by("unlicensed", "create_referral", POST + "jsonb_build_object('seeker', ledger.seeker_text(11), 'vacancy', t.id('A')::text), '{}'", actor="t.said_by(920)"),
    "a placement without a licence": ("t.reported('unlicensed', t.said_by(920), jsonb_build_object('seeker', ledger.seeker_text(11)))", ANY),
    "a file by an agency of elsewhere": by("agency there", READ, "1", actor="t.said_by(921)"),
    # Employers and agencies.
    "a return filed for another": ("t.file(jsonb_build_array(t.line('A', 5)), p_key => 'other firm')", ANY),
    "a return filed there": ("t.file(jsonb_build_array(t.line('A', 5), t.line('B', 5)), p_key => 'elsewhere')", ANY),
    "another's return": by("other firm", "read_return", NUMBER + ", NULL", actor="' r'"),
    # That there is such an employer, or none, is told to none who may not read its returns.
    "whether another is here": by("other firm", "read_return", NUMBER + ", NULL", "$1->>'body' LIKE '%path/quarter%'",
                                  "' r'"),
    "whether a firm is there": away("read_return", NUMBER + ", NULL", "$1->>'body' LIKE '%path/quarter%'"),
    "a return of there": away("read_return", NUMBER + ", NULL"),
    "returns": away("list_returns", "NULL, NULL, NULL, NULL, NULL, 50, NULL, NULL, NULL", ITEMS),
    "another's returns": by("other firm", "list_returns", "NULL, NULL, NULL, NULL, NULL, 50, NULL, NULL, NULL", ITEMS, "' r'"),
    "who owes": away("list_obligations", "NULL, NULL, '2007Q2', NULL, NULL, 50, NULL, NULL", "$1->>'body' LIKE '%410105%'"),
    "another's line": by("other firm", "amend_return_line", NUMBER + ", 'A', NULL, '{\"reason\":\"withdrawn\"}', NULL", actor="' r'"),
    "another's line in a file": by("other firm", "import_batch", "'returns', 'i', NULL, 0, t.offered('{}'), 1, 0, ''", "$1->>'body' NOT LIKE '%refused%'", "' r'"),
    "another's line closed in a file": by("other firm", "import_batch", "'returns', 'i', NULL, 0, t.offered('{\"closing\":{\"reason\":\"withdrawn\"}}'), 1, 0, ''", "$1->>'body' NOT LIKE '%refused%'", "' r'"),
    "another's closed vacancies": by("other firm", "search_vacancies", CLOSED, ITEMS, "' r'"),
    "closed vacancies of there": away("search_vacancies", CLOSED, ITEMS),
    "another's contact": by("other firm", "read_vacancy", "t.id('A')", "$1->>'sealed' LIKE '%contact%'", "' r'"),
    "another employer": by("other firm", "read_employer", "'123456788'", actor="' r'"),
    "an employer of there": away("read_employer", "'600037341'"),
    # An auditor of elsewhere.
    "an employer of there, by an auditor": auditor("read_employer", "'600037341'"),
    "an agency of there, by an auditor": auditor("read_agency", "'AGENCY002'"),
    "an officer of there, by an auditor": auditor("read_officer", "902"),
    "officers of there, by an auditor": auditor("list_officers", "NULL, 50, NULL", NAMED),
    "what an officer there did, by an auditor": auditor("list_actions", "902, NULL, 50, NULL"),
    "what was done there, by an auditor": auditor("list_actions", "NULL, NULL, 50, NULL", BY_CITY),
    "who looked there, by an auditor": auditor("list_looks", "NULL, NULL, 50, NULL", OF_HERE),
    "a placement of there, by an auditor": auditor("read_placement", "t.placed(1)"),
    "a referral of there, by an auditor": auditor("read_referral", one("referral")),
    "a return of there, by an auditor": auditor("read_return", NUMBER + ", NULL"),
    "what waits there, by an auditor": auditor("list_decisions", "false, NULL, NULL, 50, NULL, NULL", ITEMS),
    "a course of there, by an auditor": auditor("read_entry", f"'course', {one('course')}, NULL"),
    "a site there": away("put_employer", "'123456788', '{\"name\":\"测试企业\",\"kind\":\"firm\",\"reason\":\"r\",\"sites\":[{\"district\":\"410105\",\"since\":\"2004-01-01\"},{\"district\":\"410103\",\"since\":\"2007-04-01\"}]}'"),
    "a site there left out": away("put_employer", "'123456788', '{\"name\":\"测试企业\",\"kind\":\"firm\",\"sites\":[{\"district\":\"410103\",\"since\":\"2007-04-01\"}]}'",
                                  "EXISTS (SELECT FROM ledger.employer_site s WHERE s.until IS NOT NULL)"),
    "a name": away("put_employer", "'123456788', '{\"name\":\"某\",\"kind\":\"firm\",\"sites\":[{\"district\":\"410103\",\"since\":\"2007-04-01\"}]}'"),
    "another's closed vacancy": by("other firm", "read_vacancy", "t.id('C')", actor="' r'"),
    "a closed vacancy of there": away("read_vacancy", "t.id('C')"),
    "records of somebody": away("read_records", "11, NULL", EVENTS),
    "a record of a vacancy": away("read_records", "NULL, t.id('A')", EVENTS),
    "an agency of there": away("read_agency", "'AGENCY002'"),
    "an agency there": away("put_agency", "'AGENCY003', NULL, false, '{\"licence\":\"L\",\"district\":\"410105\",\"services\":[\"introduction\"],\"from\":\"2007-01-01\",\"until\":\"2007-12-31\"}'"),
    "an agency taken from there": away("put_agency", "'AGENCY002', NULL, false, '{\"licence\":\"L\",\"district\":\"410103\",\"services\":[\"introduction\"],\"from\":\"2007-01-01\",\"until\":\"2007-12-31\"}'"),
    # Registers.
    "a course": away("read_entry", f"'course', {one('course')}, NULL"),
    "courses": away("list_entries", "'course', '{}', 50, NULL", "$1->>'body' LIKE '%410105003001%'"),
    "a figure of the city": away("read_entry", "'outside-figure', (SELECT max(id) FROM ledger.outside_figure), NULL"),
    "a figure": away("read_entry", f"'outside-figure', {one('outside_figure')}, NULL"),
    "an enrolment": away("read_entry", f"'enrolment', {one('enrolment')}, NULL"),
    "a course there": away("create_entry", POST + "'course', '{\"title\":\"t\",\"provider\":\"p\",\"kind\":\"vocational\","
        "\"from\":\"2007-07-02\",\"until\":\"2007-08-02\",\"place\":\"410105003001\",\"seats\":9,\"attendance_min\":80,"
        "\"subsidised\":false}'"),
}
