-- What test_news.py has arrive: filings as people send them, one after the other, straight into
-- the ledger's functions.  Whoever files does what an answer asks for: names what must be closed,
-- leaves out a line whose last day is over.

CREATE TABLE t.arrival (
	id   int PRIMARY KEY,
	day  date NOT NULL,
	firm text NOT NULL,
	said jsonb NOT NULL, -- op, quarter, and what the op needs
	came text[] -- what was answered
);
CREATE TABLE t.sent (firm text, said int, quarter text, body jsonb, PRIMARY KEY (firm, said));

CREATE FUNCTION t.caller() RETURNS api.caller LANGUAGE sql STABLE AS $$
	SELECT api.principal(4101, t.kid('bureau'), t.secret('bureau'), t.actor('bureau'))
$$;

CREATE FUNCTION t.said_line(p_firm text, p_quarter text, p_line jsonb) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT t.line(p_line->>'ref', (p_line->>'posts')::int,
		jsonb_build_object('valid_until', p_line->'until'))
		|| jsonb_build_object('n', 1, 'employer', p_firm, 'district', '410105', 'quarter', p_quarter)
$$;

CREATE FUNCTION t.whats(p_newer jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
	SELECT coalesce(array_agg(x->>'what'), '{}') FROM jsonb_array_elements(coalesce(p_newer, '[]')) x
$$;

-- A whole return; p_body: word for word what was accepted before.
CREATE FUNCTION t.put(p_who api.caller, p_firm text, p_said jsonb, p_body jsonb DEFAULT NULL)
RETURNS text[]
LANGUAGE plpgsql AS $$
DECLARE
	quarter text := p_said->>'quarter';
	lines   jsonb := (SELECT coalesce(jsonb_agg(t.said_line(p_firm, quarter, l)), '[]')
		FROM jsonb_array_elements(p_said->'lines') l);
	closing jsonb := coalesce((SELECT jsonb_agg(jsonb_build_object('ref', r, 'reason', 'changed'))
		FROM jsonb_array_elements(p_said->'shut') r), '[]');
	body    jsonb := p_body;
	came    text[] := '{}';
	stands  int;
	a       api.reply;
BEGIN
	FOR turn IN 1..6 LOOP
		IF p_body IS NULL THEN
			body := jsonb_build_object('nil', lines = '[]', 'staff', p_said->'staff',
				'lines', lines, 'closed', closing);
		END IF;
		SELECT r.version INTO stands FROM ledger.return r JOIN ledger.employer e ON e.id = r.employer
			WHERE e.code = p_firm AND r.quarter = p_said->>'quarter';
		a := ledger.file_return(p_who, p_firm, '410105', quarter, body,
			sha256(convert_to(body::text, 'UTF8')), '\x01', '\x02', 'key',
			CASE WHEN p_said ? 'again' THEN coalesce(stands, 0) END, false);
		came := came || a.code || t.whats(a.body::jsonb->'newer_stands');
		IF a.status < 300 THEN
			INSERT INTO t.sent VALUES (p_firm, (p_said->>'n')::int, quarter, body)
				ON CONFLICT DO NOTHING;
			RETURN came;
		ELSIF p_body IS NOT NULL THEN
			RETURN came;
		ELSIF a.code = 'open-lines-left-out' THEN
			closing := closing || (SELECT jsonb_agg(jsonb_build_object('ref', o,
				'reason', 'withdrawn')) FROM jsonb_array_elements(a.body::jsonb->'open') o);
		ELSIF a.body::jsonb#>>'{errors,0,rule}' = 'ref-unknown' THEN
			closing := (SELECT coalesce(jsonb_agg(c), '[]') FROM jsonb_array_elements(closing) c
				WHERE NOT a.body::jsonb->'errors' @> jsonb_build_array(jsonb_build_object('found', c->'ref')));
		ELSE
			came := came || (a.body::jsonb#>>'{errors,0,rule}');
			SELECT coalesce(jsonb_agg(l ORDER BY n), '[]') INTO lines
				FROM jsonb_array_elements(lines) WITH ORDINALITY x(l, n)
				WHERE NOT EXISTS (SELECT FROM jsonb_array_elements(a.body::jsonb->'errors') e
					WHERE e->>'pointer' = '/lines/' || n - 1 || '/valid_until');
		END IF;
	END LOOP;
	RAISE EXCEPTION 'no answer: % %', p_said, a;
END $$;

CREATE FUNCTION t.arrive(p_who api.caller, p_firm text, p_said jsonb) RETURNS text[]
LANGUAGE plpgsql AS $$
DECLARE
	op   text := p_said->>'op';
	sent t.sent;
	work ledger.amendment;
	line ledger.offered_line;
BEGIN
	IF op = 'put' AND p_said ? 'twice' THEN
		SELECT * INTO sent FROM t.sent s WHERE s.firm = p_firm AND s.said = (p_said->>'n')::int;
		RETURN t.put(p_who, p_firm, p_said - 'again', sent.body);
	ELSIF op = 'put' THEN
		RETURN t.put(p_who, p_firm, p_said);
	END IF;
	line := jsonb_populate_record(NULL::ledger.offered_line,
		t.said_line(p_firm, p_said->>'quarter', p_said->'line'));
	IF op = 'close' THEN
		line.closing := '{"reason": "unfilled"}';
		work := ledger.close_offered(p_who, line);
	ELSE
		work := (ledger.amend_lines(p_who, ARRAY[line], op = 'patch'))[1];
	END IF;
	RETURN ARRAY[op || ' ' || work.result, work.fault->>'rule', work.newer->>'what'];
END $$;

CREATE FUNCTION t.arrive_all(p_last date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	who api.caller := t.caller();
	on_ date;
	n   int;
BEGIN
	FOR on_ IN SELECT DISTINCT day FROM t.arrival UNION SELECT p_last ORDER BY 1 LOOP
		UPDATE ledger.city SET fixed_clock = on_ + time '09:00';
		WHILE ops.turn_day(4101, 1000) > 0 LOOP END LOOP;
		FOR n IN SELECT id FROM t.arrival WHERE day = on_ ORDER BY id LOOP
			UPDATE t.arrival a SET came = t.arrive(who, a.firm, a.said) WHERE a.id = n;
		END LOOP;
	END LOOP;
END $$;
