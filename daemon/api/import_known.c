/*
 * The digest of a file, record by record: of the digest so far and of what the next
 * record says, under the vault's key, because a short file is easily guessed.
 */
#include "daemon/api/import_known.h"

#include <string.h>

#include "daemon/api/sealing.h"
#include "daemon/base/hex.h"

void import_known_free(struct import_known *k)
{
	buf_free(&k->text);
}

bool import_known_pass(struct import_known *k, struct flow *f, const char *text, size_t len)
{
	char here[65];

	buf_clear(&k->text);
	buf_put(&k->text, k->now, sizeof(k->now));
	buf_put(&k->text, text, len);
	keyed_hash(f, k->text.data, k->text.len, k->now);
	*hex_put(here, k->now, sizeof(k->now)) = '\0';
	if (++k->n == k->upto)
		k->is_met = strcmp(here, k->digest) == 0;
	k->is_other |= k->n >= k->upto && k->upto && !k->is_met;
	k->is_other |= k->n > k->upto && k->is_over;
	return k->is_other || k->n <= k->pass_upto;
}

void import_known_end(struct import_known *k)
{
	k->is_other |= k->upto && !k->is_met;
}
