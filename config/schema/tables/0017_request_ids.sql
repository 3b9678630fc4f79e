-- A request bears an id of ours, 32 hex digits, and after a "/" what its client called it, when it
-- did: in ledger.action.request, and here, where a look is kept, too.

ALTER TABLE ledger.person_look ADD COLUMN request text NOT NULL DEFAULT '';
