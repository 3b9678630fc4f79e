/*
 * Owns the key names and the encodings of the board; pure.
 *
 * It refuses to know Redis commands: the scripts build the same names from the
 * same parts.  Occupations are printed with hyphens here, by this file's own
 * hand, so that a person with redis-cli can ask for a cell.
 */
#include "daemon/board/redis_keys.h"

#include <inttypes.h>
#include <stdio.h>

struct redis_key keys_current(int city)
{
	struct redis_key k;

	(void)snprintf(k.text, sizeof(k.text), "{%d}gen", city);
	return k;
}

struct redis_key keys_of(int city, uint64_t generation, const char *what)
{
	struct redis_key k;

	(void)snprintf(k.text, sizeof(k.text), "{%d}g%" PRIu64 ":%s", city, generation, what);
	return k;
}

struct redis_key keys_where(int city, uint64_t generation, unsigned bucket)
{
	char what[16];

	(void)snprintf(what, sizeof(what), "where:%u", bucket);
	return keys_of(city, generation, what);
}

struct redis_key keys_gone(int city, uint64_t generation, unsigned bucket)
{
	char what[16];

	(void)snprintf(what, sizeof(what), "gone:%02u", bucket);
	return keys_of(city, generation, what);
}

struct redis_key keys_seekers(int city, uint64_t generation, unsigned bucket)
{
	char what[16];

	(void)snprintf(what, sizeof(what), "s:%03u", bucket);
	return keys_of(city, generation, what);
}

struct redis_key keys_cell(int city, uint64_t generation, const char *cell)
{
	char what[CELL_NAME_SIZE + 2];

	(void)snprintf(what, sizeof(what), "v:%s", cell);
	return keys_of(city, generation, what);
}

unsigned keys_where_bucket(uint64_t id)
{
	return (unsigned)(id / WHERE_EACH % WHERE_BUCKETS);
}

unsigned keys_gone_bucket(uint64_t id)
{
	return (unsigned)(id % GONE_BUCKETS);
}

unsigned keys_seeker_bucket(uint64_t id)
{
	return (unsigned)(id % SEEKER_BUCKETS);
}

bool keys_cell_name(uint32_t occupation, uint64_t place, char out[static CELL_NAME_SIZE])
{
	if (occupation < 1000000 || occupation > 9999999)
		return false;
	if (place < UINT64_C(100000000000) || place > UINT64_C(999999999999))
		return false;
	(void)snprintf(out, CELL_NAME_SIZE, "%u-%02u-%02u-%02u:%09" PRIu64,
	    occupation / 1000000, occupation / 10000 % 100, occupation / 100 % 100,
	    occupation % 100, place / 1000);
	return true;
}

void keys_put_value(struct buf *b, const struct change *c)
{
	const uint8_t length[2] = { (uint8_t)(c->record.len >> 8), (uint8_t)c->record.len };

	buf_put(b, length, sizeof(length));
	buf_put(b, c->record.data, c->record.len);
	buf_puts(b, c->label ? c->label : "");
}

bool keys_read_value(const char *p, size_t n, struct change *c)
{
	const uint8_t *bytes = (const uint8_t *)p;
	size_t length;

	if (n < 2)
		return false;
	length = (size_t)bytes[0] << 8 | bytes[1];
	if (n - 2 < length)
		return false;
	c->record = (struct blob){ .data = bytes + 2, .len = length };
	c->label = p + 2 + length;
	return true;
}

/* Digits, as many as there are, up to any other character; NULL when there are none, or more
 * than a number has. */
static const char *read_digits(const char *s, uint64_t *out)
{
	const char *p = s;

	for (*out = 0; *p >= '0' && *p <= '9'; p++) {
		unsigned digit = (unsigned)(*p - '0');

		if (*out > UINT64_MAX / 10 || *out * 10 > UINT64_MAX - digit)
			return NULL;
		*out = *out * 10 + digit;
	}
	return p == s ? NULL : p;
}

bool keys_read_number(const char *s, uint64_t *out)
{
	const char *end = read_digits(s, out);

	return end && *end == '\0';
}

bool keys_read_name(const char *s, struct change *c)
{
	const char *end;

	if ((s[0] != 'v' && s[0] != 's') || s[1] != ':')
		return false;
	c->entity = s[0];
	end = read_digits(s + 2, &c->id);
	return end && *end == ':' && keys_read_number(end + 1, &c->version);
}
