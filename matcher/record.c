/*
 * The record: a vacancy or a seeker out of the bytes that the ledger wrote.
 *
 * It trusts nothing: every length is checked before it is read, every value
 * against its bounds, and what follows the last field is a fault too.  It does
 * not ask whether a code exists: the tables may be newer than this daemon.
 */
#include <string.h>

#include "matcher/model.h"

/* A million records are read at a start: with the widths known every field is a few
 * instructions. */
#define INLINE static inline __attribute__((always_inline))

struct reader {
	const uint8_t *p;
	size_t left;
	bool ok;
};

/* The next n bytes, or NULL and not ok when they are not there. */
INLINE const uint8_t *next(struct reader *r, size_t n)
{
	const uint8_t *p = r->p;

	if (r->left < n) {
		r->ok = false;
		r->left = 0;
		return NULL;
	}
	r->p += n;
	r->left -= n;
	return p;
}

static uint64_t two(const uint8_t *p)
{
	return (uint64_t)p[0] << 8 | p[1];
}

static uint64_t four(const uint8_t *p)
{
	return two(p) << 16 | two(p + 2);
}

/* The next 1, 2, 4 or 8 bytes, big-endian; 0 when they are not there. */
INLINE uint64_t take(struct reader *r, size_t n)
{
	const uint8_t *p = next(r, n);

	if (!p)
		return 0;
	switch (n) {
	case 8:
		return four(p) << 32 | four(p + 4);
	case 4:
		return four(p);
	case 2:
		return two(p);
	default:
		return *p;
	}
}

/* A signed number of n bytes that must lie within low and high. */
INLINE int64_t bounded(struct reader *r, size_t n, int64_t low, int64_t high)
{
	uint64_t raw = take(r, n);
	uint64_t sign = UINT64_C(1) << (n * 8 - 1);
	int64_t value = raw & sign ? -(int64_t)(~(raw | (0 - sign))) - 1 : (int64_t)raw;

	if (value < low || value > high)
		r->ok = false;
	return r->ok ? value : 0;
}

INLINE int64_t small(struct reader *r, int16_t low, int16_t high)
{
	return bounded(r, 2, low, high);
}

static uint32_t fen(struct reader *r)
{
	return (uint32_t)bounded(r, 4, 0, INT32_MAX);
}

/* A day on which something began. */
static day_t day(struct reader *r)
{
	return (day_t)bounded(r, 4, DAY_FIRST, DAY_LAST);
}

/* A day on which something ends, if it does. */
static day_t end(struct reader *r)
{
	day_t d = (day_t)bounded(r, 4, DAY_FIRST, DAY_NEVER);

	return d > DAY_LAST ? DAY_NEVER : d;
}

static uint64_t number(struct reader *r)
{
	return (uint64_t)bounded(r, 8, 0, INT64_MAX);
}

static uint64_t version(struct reader *r)
{
	return (uint64_t)bounded(r, 8, 0, VERSION_MAX);
}

static uint64_t id(struct reader *r, uint64_t max)
{
	return (uint64_t)bounded(r, 8, 1, (int64_t)max);
}

static place_t place(struct reader *r)
{
	return (place_t)bounded(r, 8, INT64_C(100000000000), INT64_C(999999999999));
}

static occupation_t occupation(struct reader *r)
{
	return (occupation_t)bounded(r, 4, 1000000, 8999999);
}

/* At most one bit of `all`. */
static uint8_t one_of(struct reader *r, uint8_t all)
{
	uint8_t value = (uint8_t)small(r, 0, all);

	if (value & (value - 1))
		r->ok = false;
	return value;
}

/* A counted list of ids 1 to 255. */
INLINE uint8_t ids(struct reader *r, uint8_t *out, int16_t max)
{
	uint8_t n = (uint8_t)small(r, 0, max);
	const uint8_t *p = next(r, n);

	if (!r->ok)
		return 0;
	memcpy(out, p, n);
	if (memchr(out, 0, n))
		r->ok = false;
	return n;
}

static bool is_headed(struct reader *r, uint8_t kind)
{
	bool is_ours = take(r, 1) == RECORD_FORMAT;

	return take(r, 1) == kind && is_ours && r->ok;
}

bool vacancy_unpack(const uint8_t *p, size_t n, struct vacancy *out)
{
	struct reader r = { .p = p, .left = n, .ok = true };

	memset(out, 0, sizeof(*out));
	if (!is_headed(&r, 'v'))
		return false;
	out->id = id(&r, VACANCY_ID_MAX);
	out->version = version(&r);
	out->open = small(&r, 0, 1);
	out->occupation = occupation(&r);
	out->place = place(&r);
	out->open_posts = (uint32_t)bounded(&r, 4, 0, POSTS_MAX);
	out->pay_min = fen(&r);
	out->pay_max = fen(&r);
	out->education_min = (education_t)small(&r, 0, 7);
	out->experience_months = (uint16_t)small(&r, 0, MONTHS_MAX);
	out->shift = one_of(&r, SHIFT_ROTATING);
	out->form = one_of(&r, FORM_PART);
	out->reserved = small(&r, 0, 1);
	out->posted_on = day(&r);
	out->valid_until = end(&r);
	out->released_on = end(&r);
	out->employer = number(&r);
	out->n_required = ids(&r, out->required, VACANCY_SKILLS);
	out->n_wished = ids(&r, out->wished, VACANCY_SKILLS);
	out->n_licences = ids(&r, out->licences, LICENCES_MAX);
	return r.ok && r.left == 0;
}

/* Five places, her first wish first, zeros only at the end. */
static uint8_t wishes(struct reader *r, occupation_t *out)
{
	uint8_t n = 0;

	for (int i = 0; i < WISHES_MAX; i++) {
		int64_t wish = bounded(r, 4, 0, 8999999);

		if (wish == 0)
			continue;
		if (wish < 1000000 || n != i)
			r->ok = false;
		else
			out[n++] = (occupation_t)wish;
	}
	return n;
}

static uint8_t experiences(struct reader *r, struct experience *out)
{
	enum { BYTES = 6 };
	int64_t bytes = small(r, 0, EXPERIENCE_MAX * BYTES);
	uint8_t n = (uint8_t)(bytes / BYTES);

	if (bytes % BYTES != 0)
		r->ok = false;
	for (uint8_t i = 0; i < n && r->ok; i++) {
		out[i].occupation = occupation(r);
		out[i].months = (uint16_t)small(r, 0, INT16_MAX);
	}
	return n;
}

bool seeker_unpack(const uint8_t *p, size_t n, struct seeker *out)
{
	struct reader r = { .p = p, .left = n, .ok = true };
	int64_t state;

	memset(out, 0, sizeof(*out));
	if (!is_headed(&r, 's'))
		return false;
	out->id = id(&r, INT64_MAX);
	out->version = version(&r);
	state = small(&r, 0, 2);
	out->active = state == 1;
	out->busy = state == 2;
	out->place = place(&r);
	out->rank = (uint8_t)small(&r, RANK_P1, RANK_P6);
	out->age_class = (uint8_t)small(&r, AGE_UNDER_16, AGE_UNKNOWN);
	out->class_until = end(&r);
	out->waiting_since = day(&r);
	out->pay_wish = fen(&r);
	out->farthest = (uint8_t)small(&r, AREA_COMMUNITY, AREA_CITY);
	out->shifts =
	    (uint8_t)small(&r, 0, SHIFT_DAY | SHIFT_EVENING | SHIFT_NIGHT | SHIFT_ROTATING);
	out->forms = (uint8_t)small(&r, 0, FORM_FULL | FORM_PART);
	out->education = (education_t)small(&r, 0, 7);
	out->n_wishes = wishes(&r, out->wishes);
	out->n_skills = ids(&r, out->skills, SKILLS_MAX);
	out->n_licences = ids(&r, out->licences, LICENCES_MAX);
	out->n_experience = experiences(&r, out->experience);
	return r.ok && r.left == 0;
}
