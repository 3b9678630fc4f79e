/*
 * The common part of the plans about people.
 *
 * A name and a telephone are found only by equality, under the vault's key.
 * The surprising thing: what is hashed begins with a word of its kind, so that
 * no name or telephone can be given the index of a citizen number.
 */
#include "daemon/api/people.h"

#include <string.h>

#include "daemon/api/sealing.h"
#include "daemon/base/arena.h"
#include "daemon/vault/vault.h"

bool ask_seeker(struct flow *f, struct ask *c)
{
	uint64_t id;

	if (!codec_seeker_id(flow_request(f)->params[0], &id))
		return false;
	ask_text(c, person_row(flow_arena(f), id));
	return true;
}

void ask_if_match(struct flow *f, struct faults *fs, struct ask *c)
{
	const char *given = flow_request(f)->if_match;
	size_t n = given ? strlen(given) : 0;

	if (given && (n < 3 || n > 12 || given[0] != '"' || given[n - 1] != '"' ||
			 strspn(given + 1, "0123456789") != n - 2)) {
		input_fault(fs, "header/If-Match", "format", given, "an ETag, as \"3\"");
		given = NULL;
	}
	ask_text(c, given ? arena_strndup(flow_arena(f), given + 1, n - 2) : NULL);
}

void ask_as_of(struct flow *f, struct faults *fs, struct ask *c)
{
	const char *text = NULL;
	struct codec codec;
	day_t day;

	query_day(f, fs, "as_of", &text);
	if (text && codec_begin(f, &codec) && day_parse(text, &day) && day > codec.today)
		input_fault(fs, "query/as_of", "future", text, "today or an earlier day");
	ask_text(c, text);
}

void tag_version(struct flow *f, const char *json)
{
	int64_t version = codec_member_number(json, "version");

	if (version > 0)
		flow_header(f, "ETag",
		    arena_printf(flow_arena(f), "\"%lld\"", (long long)version));
}

enum next answer_tagged(struct flow *f, void *state)
{
	const struct ask *c = state;

	if (!ask_settle(f, c))
		return ask_refuse(f, c);
	tag_version(f, c->reply.body);
	return ask_answer(f, c, c->reply.body);
}

static const char *blind_hex(struct flow *f, const char *text)
{
	static const char digits[] = "0123456789abcdef";
	char *hex = arena_alloc(flow_arena(f), 2 * BLIND_LEN + 1);
	uint8_t blind[BLIND_LEN];

	vault_blind(flow_app(f)->vault, text, blind);
	for (size_t i = 0; i < BLIND_LEN; i++) {
		hex[2 * i] = digits[blind[i] >> 4];
		hex[2 * i + 1] = digits[blind[i] & 15];
	}
	return hex;
}

const char *blind_name(struct flow *f, const char *name)
{
	return name ? blind_hex(f, arena_printf(flow_arena(f), "name %s", name)) : NULL;
}

/* Digits only, without the country's: people write one telephone in many ways. */
const char *blind_telephone(struct flow *f, const char *telephone)
{
	char *digits, *end;

	if (!telephone)
		return NULL;
	digits = end = arena_alloc(flow_arena(f), strlen(telephone) + 1);
	for (; *telephone; telephone++)
		if (*telephone >= '0' && *telephone <= '9')
			*end++ = *telephone;
	*end = '\0';
	if (strncmp(digits, "0086", 4) == 0)
		digits += 4;
	else if (strncmp(digits, "86", 2) == 0 && strlen(digits) > 11)
		digits += 2;
	return *digits ? blind_hex(f, arena_printf(flow_arena(f), "telephone %s", digits))
		       : NULL;
}
