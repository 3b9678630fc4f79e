-- The roles and the database, made once, by a superuser of PostgreSQL:
--
--     psql -f roles.sql                        (another name: -v database=NAME)
--
-- Run again it changes nothing that is so already.  What each role may do, the migrations say
-- (functions/privileges.sql).  `vacancyd` owns the database and is for `vacancyd migrate` alone; the
-- daemon connects as the three others.  None has a password: over a unix socket pg_hba.conf and
-- pg_ident.conf say who may come as whom (`peer`); over a network give each one by \password and
-- let pg_hba.conf demand `scram-sha-256`.

\set ON_ERROR_STOP on
SET client_min_messages = warning;
\if :{?database}
\else
	\set database vacancyd
\endif

SELECT format('CREATE ROLE %I LOGIN', role)
FROM unnest(ARRAY['vacancyd', 'vacancyd_request', 'vacancyd_applier', 'vacancyd_admin']) role
WHERE to_regrole(role) IS NULL \gexec

-- Who holds the snapshot horizon back shows in the statistics of everybody's sessions.
GRANT pg_read_all_stats TO vacancyd;

SELECT format('CREATE DATABASE %I OWNER vacancyd TEMPLATE template0 ENCODING ''UTF8''', :'database')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
