-- What a key, an officer or a delegation may is written down: nothing that is missing means all.
--
-- The whole city is a scope like another, its prefix.  Where none was written before, it was
-- meant, and is written now.

-- A division and all below, by the prefix of its code; '-' holds no place at all.
CREATE DOMAIN ledger.scope AS text NOT NULL CHECK (VALUE ~ '^([0-9]{4,12}|-)$');

UPDATE ledger.api_key k SET scope = c.prefix
	FROM ledger.city c WHERE c.city = k.city AND k.scope IS NULL;
UPDATE ledger.officer o SET scope = c.prefix
	FROM ledger.city c WHERE c.city = o.city AND o.scope IS NULL;
UPDATE ledger.delegation d SET scope = o.scope
	FROM ledger.officer o WHERE o.city = d.city AND o.id = d.from_officer AND d.scope IS NULL;
UPDATE ledger.idempotency i SET scope = c.prefix
	FROM ledger.city c WHERE c.city = i.city AND i.scope IS NULL;
UPDATE ledger.api_key k SET employers = array_remove(array_remove(k.employers, NULL), '')
	WHERE ('' <> ALL (k.employers)) IS NOT TRUE;
UPDATE ledger.agency_licence l SET services = array_remove(array_remove(l.services, NULL), '')
	WHERE ('' <> ALL (l.services)) IS NOT TRUE;

ALTER TABLE ledger.api_key
	DROP CONSTRAINT api_key_scope_check,
	ALTER scope TYPE ledger.scope,
	ALTER scope SET NOT NULL,
	ADD CHECK (org_code <> ''),
	ADD CHECK (org_name <> ''),
	ADD CHECK (('' <> ALL (employers)) IS TRUE);
ALTER TABLE ledger.officer
	DROP CONSTRAINT officer_scope_check,
	ALTER scope TYPE ledger.scope,
	ALTER scope SET NOT NULL,
	ADD CHECK (organisation <> '');
ALTER TABLE ledger.delegation
	DROP CONSTRAINT delegation_scope_check,
	ALTER scope TYPE ledger.scope,
	ALTER scope SET NOT NULL;
ALTER TABLE ledger.agency_licence
	ADD CHECK (organisation <> ''),
	ADD CHECK (('' <> ALL (services)) IS TRUE);

-- The last day on which the caller may do what they may.
ALTER TYPE api.caller ADD ATTRIBUTE until date;

-- What a key, an officer or a delegation lets its holder do, of which organisation, where, as a
-- lead or not, and to which last day.
CREATE TYPE ledger.powers AS (
	role         int,
	organisation text,
	scope        text,
	lead         boolean,
	until        date
);
