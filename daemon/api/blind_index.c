/*
 * Blind indexes of people.
 *
 * A name and a telephone are found only by equality, under the vault's key.
 * What is hashed begins with a word of its kind, so that no name or telephone
 * can be given the index of a citizen number.
 */
#include "daemon/api/blind_index.h"

#include <string.h>

#include "daemon/api/app.h"
#include "daemon/base/arena.h"
#include "daemon/base/hex.h"
#include "daemon/vault/vault.h"

static const char *blind_hex(struct flow *f, struct arena *a, const char *text)
{
	uint8_t blind[BLIND_LEN];

	vault_blind(flow_app(f)->vault, text, blind);
	return hex_text(a, blind, BLIND_LEN);
}

const char *blind_name(struct flow *f, struct arena *a, const char *name)
{
	return name ? blind_hex(f, a, arena_printf(a, "name %s", name)) : NULL;
}

const char *blind_address(struct flow *f, struct arena *a, const char *address)
{
	return address ? blind_hex(f, a, arena_printf(a, "address %s", address)) : NULL;
}

/* Digits only, without the country's: people write one telephone in many ways.  NULL
 * also for one without a digit, which nobody is found by. */
const char *blind_telephone(struct flow *f, struct arena *a, const char *telephone)
{
	char *digits, *end;

	if (!telephone)
		return NULL;
	digits = end = arena_alloc(a, strlen(telephone) + 1);
	for (; *telephone; telephone++)
		if (*telephone >= '0' && *telephone <= '9')
			*end++ = *telephone;
	*end = '\0';
	if (strncmp(digits, "0086", 4) == 0)
		digits += 4;
	else if (strncmp(digits, "86", 2) == 0 && strlen(digits) > 11)
		digits += 2;
	return *digits ? blind_hex(f, a, arena_printf(a, "telephone %s", digits)) : NULL;
}
