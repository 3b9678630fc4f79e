/*
 * The digest of a file, record by record: of the digest so far and of what the next
 * record says.
 */
#include "daemon/api/import_known.h"

#include <string.h>

#include "daemon/base/hex.h"
#include "daemon/vault/vault.h"

void import_known_free(struct import_known *k)
{
	buf_free(&k->text);
}

void import_known_note(struct import_known *k, const char *text, size_t len)
{
	buf_clear(&k->text);
	buf_put(&k->text, k->now, sizeof(k->now));
	buf_put(&k->text, text, len);
	vault_hash(k->text.data, k->text.len, k->now);
}

bool import_known_pass(struct import_known *k, uint64_t line, const char *text, size_t len)
{
	char here[65];

	import_known_note(k, text, len);
	*hex_put(here, k->now, sizeof(k->now)) = '\0';
	if (line == k->upto)
		k->is_met = strcmp(here, k->digest) == 0;
	k->is_other |= line >= k->upto && k->upto && !k->is_met;
	k->is_other |= line > k->upto && k->is_over;
	return k->is_other || line <= k->pass_upto;
}

void import_known_end(struct import_known *k)
{
	k->is_other |= k->upto && !k->is_met;
}
