/*
 * Owns the fixed offsets of a record that decide its keys.
 *
 * It refuses to know what else a record says.  A vacancy that is open in law
 * but has no post left is not open here, as nobody could take it.
 */
#include "daemon/board/record_keys.h"

enum {
	AT_FORMAT = 0,
	AT_ENTITY = 1,
	AT_ID = 2,
	AT_VERSION = 10,
	AT_STATE = 18,
	AT_SEEKER_PLACE = 20,
	AT_SEEKER_END = 28,
	AT_OCCUPATION = 20,
	AT_VACANCY_PLACE = 24,
	AT_OPEN_POSTS = 32,
	AT_VACANCY_END = 36,
	FORMAT = 1,
};

static uint64_t big_endian(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++)
		v = v << 8 | p[i];
	return v;
}

bool record_numbers(const struct blob *record, uint64_t *id, uint64_t *version)
{
	if (record->len < AT_STATE)
		return false;
	*id = big_endian(record->data + AT_ID, 8);
	*version = big_endian(record->data + AT_VERSION, 8);
	return true;
}

bool record_keys_read(const struct change *c, struct record_keys *out)
{
	const uint8_t *p = c->record.data;
	bool is_vacancy = c->entity == 'v';

	if (c->entity != 'v' && c->entity != 's')
		return false;
	if (c->record.len < (is_vacancy ? AT_VACANCY_END : AT_SEEKER_END))
		return false;
	if (p[AT_FORMAT] != FORMAT || p[AT_ENTITY] != (uint8_t)c->entity)
		return false;
	if (big_endian(p + AT_ID, 8) != c->id || big_endian(p + AT_VERSION, 8) != c->version)
		return false;

	out->open = big_endian(p + AT_STATE, 2) == 1;
	out->occupation = 0;
	if (!is_vacancy) {
		out->place = big_endian(p + AT_SEEKER_PLACE, 8);
		return true;
	}
	out->occupation = (uint32_t)big_endian(p + AT_OCCUPATION, 4);
	out->place = big_endian(p + AT_VACANCY_PLACE, 8);
	if (big_endian(p + AT_OPEN_POSTS, 4) == 0)
		out->open = false;
	return true;
}
