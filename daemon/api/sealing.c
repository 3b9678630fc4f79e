/*
 * Sealed fields between codec and ledger.
 *
 * The associated data name the row by what identifies it for good (a path, a
 * ref, an id), never by a database row number that a restore may change.
 */
#include "daemon/api/sealing.h"

#include <string.h>

#include "daemon/api/app.h"
#include "daemon/api/ask.h"
#include "daemon/base/arena.h"
#include "daemon/base/hex.h"
#include "daemon/codec/path_ids.h"
#include "daemon/log/log.h"
#include "daemon/vault/vault.h"

const char *return_row(struct arena *a, const char *employer, const char *district,
    const char *quarter)
{
	return arena_printf(a, "%.9s/%s/%s", codec_organisation(employer), district, quarter);
}

const char *vacancy_row(struct arena *a, const char *employer, const char *district,
    const char *ref)
{
	return arena_printf(a, "%.9s/%s/%s", codec_organisation(employer), district, ref);
}

const char *person_row(struct arena *a, uint64_t id)
{
	return arena_printf(a, "%llu", (unsigned long long)id);
}

void ask_sealed(struct flow *f, struct ask *c, const char *table, const char *column,
    const char *row, const char *plain)
{
	size_t n = 0;
	uint8_t *p =
	    vault_seal(flow_app(f)->vault, flow_arena(f), table, column, row, plain, &n);

	ask_bytes(c, p, n);
}

const char *seal_hex_in(struct flow *f, struct arena *a, const char *table, const char *column,
    const char *row, const char *plain)
{
	size_t n = 0;
	uint8_t *p = vault_seal(flow_app(f)->vault, a, table, column, row, plain, &n);

	return p ? hex_text(a, p, n) : NULL;
}

const char *seal_hex(struct flow *f, const char *table, const char *column, const char *row,
    const char *plain)
{
	return seal_hex_in(f, flow_arena(f), table, column, row, plain);
}

const char *contact_key_in(struct flow *f, struct arena *a, const char *plain)
{
	uint8_t hash[32];

	if (!plain)
		return NULL;
	keyed_hash(f, plain, strlen(plain), hash);
	return hex_text(a, hash, sizeof(hash));
}

const char *unseal_found(void *opening, const char *column, const char *row,
    const uint8_t *sealed, size_t n)
{
	const struct opening *o = opening;
	struct flow *f = o->f;
	struct arena *a = o->memory ? o->memory : flow_arena(f);
	const char *plain =
	    vault_unseal(flow_app(f)->vault, a, o->table, column, row, sealed, n);

	if (!plain)
		log_event(LOG_LEVEL_ERROR, "vault.unopened", "table", o->table, "column",
		    column, "request", flow_request(f)->id, NULL);
	return plain;
}

const char *unseal(struct flow *f, const struct reply *r, const char *table, const char *column,
    const char *row)
{
	struct opening opening = { .f = f, .table = table };

	for (size_t i = 0; i < r->n_sealed; i++) {
		const struct sealed_field *s = &r->sealed[i];

		if (strcmp(s->column, column) == 0 && s->bytes.len > 0)
			return unseal_found(&opening, column, row, s->bytes.data, s->bytes.len);
	}
	return NULL;
}

void keyed_hash(struct flow *f, const void *p, size_t n, uint8_t out[static 32])
{
	uint8_t plain[32];
	char hex[2 * sizeof(plain) + 1];

	/* Bodies hold telephones and citizen numbers, of which there are few enough to try
	 * them all against a plain hash.  64 characters are never a citizen number. */
	vault_hash(p, n, plain);
	*hex_put(hex, plain, sizeof(plain)) = '\0';
	vault_blind(flow_app(f)->vault, hex, out);
}
