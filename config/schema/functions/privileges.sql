-- Who may do what in this database: the only place that gives a role anything.
--
-- Four roles (../roles.sql makes them).  `vacancyd` owns the schema, migrates it and loads its
-- tables of codes; no daemon serves as it.  The three others own nothing and read no table: they
-- go through doors, the functions that run with their owner's rights (SECURITY DEFINER), and
-- whatever else there is, is called from behind one.  Nobody else may do anything.
-- daemon/ledger/statements.c says of each statement as whom it goes; a test compares both with
-- the catalogue.

-- Whose door a function is; NULL: nobody's but the owner's.  What is named nowhere here is the
-- requests' in schema `api`, and else nobody's.
CREATE OR REPLACE FUNCTION ops.role_of(p_function oid) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT coalesce((SELECT d.role FROM (VALUES
			('api.create_key', 'vacancyd_admin'),
			('api.rotate_key', 'vacancyd_admin'),
			('api.revoke_key', 'vacancyd_admin'),
			('api.list_keys', 'vacancyd_admin'),
			('api.create_first_officer', 'vacancyd_admin'),
			('api.print_secret_code', 'vacancyd_admin'),
			('api.read_clock', 'vacancyd_admin'),
			('api.move_clock', 'vacancyd_admin'),
			('ops.heartbeat', 'vacancyd_request'),
			('ops.keys', 'vacancyd_request'),
			('ops.horizon', 'vacancyd_applier'),
			('ops.read_outbox', 'vacancyd_applier'),
			('ops.outbox_lag', 'vacancyd_applier'),
			('ops.tombstones_from', 'vacancyd_applier'),
			('ops.city_figures', 'vacancyd_applier'),
			('ops.turn_day', 'vacancyd_applier'),
			('ops.expire_referrals', 'vacancyd_applier'),
			('ops.forget_answers', 'vacancyd_applier'),
			('ops.settle_lots', 'vacancyd_applier'),
			('ops.trim_outbox', 'vacancyd_applier')) d(name, role)
			WHERE d.name = n.nspname || '.' || p.proname),
		CASE WHEN n.nspname = 'api' THEN 'vacancyd_request' END)
	FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
	WHERE p.oid = p_function AND p.prosecdef AND p.prorettype <> 'trigger'::regtype
$$;

-- Brings the database to what stands here, whatever was given or taken before.  Run by every
-- migration, as the owner.
CREATE OR REPLACE FUNCTION ops.grant_roles() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	schemas CONSTANT text[] := ARRAY['api', 'ledger', 'ops'];
	command text;
BEGIN
	IF to_regrole('vacancyd_request') IS NULL OR to_regrole('vacancyd_applier') IS NULL
		OR to_regrole('vacancyd_admin') IS NULL THEN
		RAISE EXCEPTION 'the roles of vacancyd are not there'
			USING HINT = 'Run roles.sql of the schema folder as a superuser first.';
	END IF;
	-- What is made from now on is nobody's before this has run again.
	ALTER DEFAULT PRIVILEGES REVOKE ALL ON FUNCTIONS FROM PUBLIC;
	EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
	EXECUTE format('GRANT CONNECT ON DATABASE %I TO vacancyd_request, vacancyd_applier, '
		'vacancyd_admin', current_database());
	FOR command IN
		SELECT format('REVOKE ALL ON %s FROM %s', object, string_agg(DISTINCT
			CASE WHEN grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END, ', '))
		FROM (
			SELECT 'FUNCTION ' || p.oid::regprocedure, a.grantee, p.proowner
			FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
			WHERE p.pronamespace::regnamespace::text = ANY (schemas)
			UNION ALL
			SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE ' ELSE 'TABLE ' END || c.oid::regclass,
				a.grantee, c.relowner
			FROM pg_class c, aclexplode(c.relacl) a
			WHERE c.relnamespace::regnamespace::text = ANY (schemas)
			UNION ALL
			SELECT 'TABLE ' || c.oid::regclass, a.grantee, c.relowner
			FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid, aclexplode(t.attacl) a
			WHERE c.relnamespace::regnamespace::text = ANY (schemas)
			UNION ALL
			SELECT 'SCHEMA ' || n.nspname, a.grantee, n.nspowner
			FROM pg_namespace n, aclexplode(n.nspacl) a WHERE n.nspname = ANY (schemas)
		) given(object, grantee, owner)
		WHERE grantee <> owner GROUP BY object
		UNION ALL
		SELECT format('GRANT EXECUTE ON FUNCTION %s TO %I', p.oid::regprocedure, ops.role_of(p.oid))
		FROM pg_proc p WHERE p.pronamespace::regnamespace::text = ANY (schemas)
		  AND ops.role_of(p.oid) IS NOT NULL
		ORDER BY 1 DESC -- what is taken comes before what is given
	LOOP
		EXECUTE command;
	END LOOP;
	GRANT USAGE ON SCHEMA api TO vacancyd_request, vacancyd_admin;
	GRANT USAGE ON SCHEMA ops TO vacancyd_request, vacancyd_applier;
	-- What a board is filled from: codes, and a vacancy's title, employer and pay.
	GRANT SELECT ON ops.vacancy_record, ops.seeker_record TO vacancyd_applier;
END $$;
