/*
 * Identifiers as text: one canonical form each.
 *
 * A second spelling of the same id (a leading zero, upper-case hex, a plus
 * sign) is refused rather than folded: ids are compared as text by clients.
 */
#include "daemon/codec/path_ids.h"

#include <endian.h>
#include <string.h>

#include "daemon/base/hex.h"
#include "daemon/codec/codec.h"
#include "matcher/codes.h"

bool codec_employer_code(const struct codec *c, const char *text, char out[static 20])
{
	enum code_fault f;

	if (!code_normalise(text, true, out, 20))
		return false;
	f = employer_check(out);
	return f == CODE_OK ||
	       (f == CODE_CHECK && c && c->recognises && c->recognises(c->who, out));
}

const char *codec_organisation(const char *employer)
{
	return strlen(employer) == 18 ? employer + 8 : employer;
}

bool codec_seeker_id(const char *text, uint64_t *out)
{
	uint64_t id = 0;

	if (strlen(text) != 16 || hex_read(text, &id, sizeof(id)) != sizeof(id))
		return false;
	*out = id = be64toh(id);
	return id >= 1 && id <= (uint64_t)1 << 62;
}

bool codec_decimal_id(const char *text, uint64_t *out)
{
	uint64_t id = 0;

	if (text[0] < '1' || text[0] > '9' || strlen(text) > 19)
		return false;
	for (const char *c = text; *c; c++) {
		if (*c < '0' || *c > '9')
			return false;
		id = id * 10 + (uint64_t)(*c - '0');
	}
	*out = id;
	return id <= INT64_MAX; /* nineteen digits do not overflow 64 bits */
}

void codec_print_seeker_id(uint64_t id, char out[static 17])
{
	id = htobe64(id);
	*hex_put(out, &id, sizeof(id)) = '\0';
}

void codec_mask_citizen(const char *canonical, char out[static 19])
{
	size_t n = strlen(canonical);

	for (size_t i = 0; i < n && i < 18; i++)
		out[i] = canonical[i];
	for (size_t i = 6; i < n && i < 14; i++)
		out[i] = '*';
	out[n < 18 ? n : 18] = '\0';
}
