-- Scopes: the one place that compares them.
--
-- A scope is a division and all below it, as the prefix of their codes.  What is missing, empty
-- or too short holds nothing and lies in nothing, and no question here is answered with NULL: the
-- whole city is a scope that is written down.  It knows no caller and decides nothing about one.

-- Whether the second lies in the first.
CREATE OR REPLACE FUNCTION ledger.within(p_outer text, p_inner text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT coalesce(length(p_outer) >= 4 AND starts_with(p_inner, p_outer), false)
$$;

-- What somebody wrote, as a scope; '-': it is none.
CREATE OR REPLACE FUNCTION ledger.scope_of(p_text text) RETURNS ledger.scope
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN p_text ~ '^[0-9]{4,12}$' THEN p_text ELSE '-' END::ledger.scope
$$;

CREATE OR REPLACE FUNCTION ledger.in_scope(p_scope text, p_place bigint) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT ledger.within(p_scope, p_place::text)
$$;

CREATE OR REPLACE FUNCTION ledger.is_whole_city(p_city int, p_scope text) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN EXISTS (SELECT FROM ledger.city c
		WHERE c.city = p_city AND ledger.within(p_scope, c.prefix));
END $$;

-- The smaller of two; '-' holds no place at all.
CREATE OR REPLACE FUNCTION ledger.narrower(p_a text, p_b text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN ledger.within(p_a, p_b) THEN p_b WHEN ledger.within(p_b, p_a) THEN p_a
		ELSE '-' END
$$;

-- The places of a division as a range, which an index goes by.
CREATE OR REPLACE FUNCTION ledger.scope_from(p_scope text) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN length(p_scope) >= 4 THEN rpad(p_scope, 12, '0')::bigint ELSE 1 END
$$;

CREATE OR REPLACE FUNCTION ledger.scope_to(p_scope text) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN length(p_scope) >= 4 THEN rpad(p_scope, 12, '9')::bigint ELSE 0 END
$$;

-- The districts of a division, from the first to the last; none of a part of one.
CREATE OR REPLACE FUNCTION ledger.districts_of(p_scope text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN length(p_scope) BETWEEN 4 AND 6
		THEN ARRAY[rpad(p_scope, 6, '0'), rpad(p_scope, 6, '9')] ELSE '{1,0}' END
$$;
