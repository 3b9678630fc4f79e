-- The record as bytes, versions that only rise, and the outbox behind the horizon.

DO $$
DECLARE
	a   jsonb;
	r   bytea;
	emp bigint := (SELECT id FROM ledger.employer WHERE code = '123456788');
	id  bigint;
BEGIN
	a := t.file(jsonb_build_array(t.line('A', 7, '{"skills_required":"010c","skills_wished":"05",
		"licences":"0304ff","education_rank":4,"experience_months":12,"shift":4,"form":2,
		"valid_until":"2007-12-31"}')));
	id := (a#>>'{body,vacancies,A}')::bigint;
	r := decode(a#>>'{events,0,record}', 'hex');
	PERFORM t.is('the record of a vacancy, byte for byte', r, '\x0176'::bytea
		|| int8send(id) || int8send(1) || '\x0001'
		|| int4send(4070501) || int8send(410105003001) || int4send(7) || int4send(90000) || int4send(120000)
		|| '\x0004' || '\x000c' || '\x0004' || '\x0002' || '\x0000'
		|| int4send(2749) || int4send(2921) || '\x7fffffff' || int8send(emp)
		|| '\x0002010c' || '\x000105' || '\x00030304ff');
	PERFORM t.is('80 bytes and the sets', octet_length(r), 80 + 6);
	PERFORM t.is('label', a#>>'{events,0,label}', (SELECT label FROM ledger.vacancy v WHERE v.id = (a#>>'{body,vacancies,A}')::bigint));
	COMMIT;

	a := t.seeker(81985529216486895, '{"birth":"1966-01-01","skills":"0102","licences":"09",
		"experience":"003e1cc5000f","wishes":[4070501,4070500],"education_rank":5}');
	r := decode(a#>>'{events,0,record}', 'hex');
	PERFORM t.is('the record of a seeker, byte for byte', r, '\x0173'::bytea
		|| '\x0123456789abcdef' || int8send(1) || '\x0001' || int8send(410105003001)
		|| '\x0002' || '\x0003' || int4send(DATE '2016-01-01' - DATE '2000-01-01') || int4send(2566)
		|| int4send(80000) || '\x0004' || '\x000f' || '\x0003' || '\x0005'
		|| int4send(4070501) || int4send(4070500) || int4send(0) || int4send(0) || int4send(0)
		|| '\x00020102' || '\x000109' || '\x0006003e1cc5000f');
	PERFORM t.is('78 bytes and the sets', octet_length(r), 78 + 9);
	COMMIT;

	-- never is the greatest number
	a := t.seeker(5, '{"birth":"1940-01-01","unemployment":null}');
	PERFORM t.is('a class that never ends', substr(decode(a#>>'{events,0,record}', 'hex'), 33, 4), '\x7fffffff'::bytea);
	COMMIT;
END $$;

-- Versions rise with every change, and the outbox has each of them once.
DO $$
DECLARE
	v bigint := (SELECT id FROM ledger.vacancy);
	p jsonb;
	n int;
BEGIN
	PERFORM t.seeker(6, '{"licences":"0304ff"}');
	COMMIT;
	FOR n IN 1..3 LOOP
		p := t.place(6, v, jsonb_build_object('reference', n));
		COMMIT;
		PERFORM t.void(p#>>'{body,placement}');
		COMMIT;
	END LOOP;
	PERFORM t.is('seven versions, none missing', (SELECT array_agg(version ORDER BY xid, id) FROM ops.outbox
		WHERE entity = 'v' AND entity_id = v), '{1,2,3,4,5,6,7}'::bigint[]);
	PERFORM t.is('the last is the row', (SELECT record FROM ops.outbox WHERE entity = 'v' AND entity_id = v
		ORDER BY xid DESC, id DESC LIMIT 1), (SELECT record FROM ledger.vacancy WHERE id = v));
	BEGIN
		UPDATE ledger.vacancy SET title = 'x' WHERE id = v;
		RAISE EXCEPTION 'a change without a version went through';
	EXCEPTION WHEN raise_exception THEN
		PERFORM t.is('refused', SQLERRM LIKE '%did not rise', true);
	END;
	PERFORM t.is('the outbox in order', (SELECT array_agg(id) FROM ops.read_outbox(4101, 0, 0, 1000)),
		(SELECT array_agg(id ORDER BY xid, id) FROM ops.outbox));
	PERFORM t.is('goes on where it was', (SELECT count(*) FROM ops.read_outbox(4101,
		(SELECT xid::text::bigint FROM ops.outbox ORDER BY xid DESC, id DESC OFFSET 1 LIMIT 1),
		(SELECT id FROM ops.outbox ORDER BY xid DESC, id DESC OFFSET 1 LIMIT 1), 10)), 1::bigint);
	PERFORM t.is('what is open', (SELECT count(*) FROM ops.vacancy_record WHERE city = 4101 AND open), 1::bigint);
	PERFORM t.is('who waits', (SELECT count(*) FROM ops.seeker_record WHERE city = 4101 AND id > 5), 2::bigint);
	PERFORM t.is('closed lately', (SELECT ops.tombstones_from(4101)), '2007-07-10'::date);
	PERFORM t.is('a position that nobody has come to', (SELECT array_agg(entity)
		FROM ops.read_outbox(4101, (SELECT max(xid::text::bigint) + 1000000 FROM ops.outbox), 0, 10)), '{gap}');
	PERFORM t.is('a heartbeat', (SELECT today || ' ' || fixed || ' ' || keys_changed FROM ops.heartbeat(4101)), '2007-07-12 true 16');
	PERFORM t.is('no city, no heartbeat', (SELECT count(*) FROM ops.heartbeat(9999)), 0::bigint);
END $$;

-- Keys: revoked, expired, of another kind of city; a production city on a fixed clock.
DO $$
DECLARE
	a jsonb;
BEGIN
	PERFORM t.is('eight keys', (SELECT count(*) FROM ops.keys(4101) WHERE kind = 'k'), 8::bigint);
	a := (SELECT t.fold(ARRAY(SELECT r FROM api.revoke_key(4101, 'admin', NULL, '', t.kid('agency')) r)));
	PERFORM t.is('revoked', a->>'status', '200');
	PERFORM t.is('refused at once', t.place(6, NULL, '{}', 'agency')->>'code', 'key-refused');
	PERFORM t.is('seven keys', (SELECT count(*) FROM ops.keys(4101) WHERE kind = 'k'), 7::bigint);
	PERFORM t.is('the change is told', (SELECT keys_changed FROM ops.heartbeat(4101)), 17::bigint);
	PERFORM t.is('nobody but the admin socket', (SELECT t.fold(ARRAY(SELECT r FROM api.list_keys(4101,
		t.kid('bureau'), t.secret('bureau'), '') r)))->>'code', 'key-refused');
	PERFORM t.is('the list has the revoked one', (SELECT jsonb_array_length(t.fold(ARRAY(SELECT r
		FROM api.list_keys(4101, 'admin', NULL, '') r))#>'{body,keys}')), 8);
	PERFORM t.is('a scope of another city', t.key('x', '{"role":"bureau","scope":"4102"}')#>>'{body,errors,0,pointer}', '/scope');
	PERFORM t.is('no such role', t.key('x', '{"role":"king"}')#>>'{body,errors,0,pointer}', '/role');
	PERFORM t.is('the same id again', t.key('bureau', '{"role":"auditor","scope":"4101"}')->>'code', 'wrong-state');
	PERFORM t.key('short', '{"role":"auditor","scope":"4101","expires_on":"2007-07-12"}');
	UPDATE ledger.city SET fixed_clock = '2007-07-13 00:00+08';
	PERFORM t.is('expired at midnight', (SELECT t.fold(ARRAY(SELECT r FROM api.read_progress(4101,
		t.kid('short'), t.secret('short'), '', 2007, NULL, NULL) r)))->>'status', '401');
	BEGIN
		PERFORM ops.create_city(5101, 'x', '5101', false, '2007-01-01', 2007);
		RAISE EXCEPTION 'a production city took a fixed clock';
	EXCEPTION WHEN check_violation THEN
		NULL;
	END;
END $$;
