/*
 * Owns what of a change goes into an image, and what does not.
 *
 * It refuses to know where changes come from and which image serves.  What
 * cannot be read is not merely left out.  It says that what we have of it is
 * outdated, so that is closed.
 */
#include "daemon/mirror/image.h"

#include "daemon/log/log.h"
#include "matcher/match.h"

#include <inttypes.h>
#include <stdio.h>

enum { PLACE_CITY = 100000000 }; /* what a place is divided by to give its city */

struct image image_new(int city)
{
	return (struct image){ city, index_new(), labels_new() };
}

void image_free(struct image *i)
{
	index_free(i->index);
	labels_free(i->labels);
	*i = (struct image){ 0 };
}

static void bad_record(const struct change *c)
{
	char id[24];

	(void)snprintf(id, sizeof(id), "%" PRIu64, c->id);
	log_event(LOG_LEVEL_ERROR, "mirror.bad_record", "entity",
	    c->entity == 'v' ? "vacancy" : "seeker", "id", id, NULL);
}

/*
 * A change that cannot be read still says that what we have is outdated: it is
 * closed, as a mirror that loads afresh would not have it either.  False: we
 * have nothing of the kind.
 */
static bool outdated_vacancy(const struct image *i, const struct change *c, struct vacancy *v)
{
	if (!index_vacancy(i->index, c->id, v))
		return false;
	v->version = c->version;
	v->open = false;
	return true;
}

static bool outdated_seeker(const struct image *i, const struct change *c, struct seeker *s)
{
	if (!index_seeker(i->index, c->id, s))
		return false;
	s->version = c->version;
	s->active = s->busy = false;
	return true;
}

/* A record is bad as well when it is another's, or of another city. */
static bool read_vacancy(const struct image *i, const struct change *c, struct vacancy *v)
{
	return vacancy_unpack(c->record.data, c->record.len, v) && v->id == c->id &&
	       v->version == c->version && v->place / PLACE_CITY == (uint64_t)i->city;
}

static bool read_seeker(const struct image *i, const struct change *c, struct seeker *s)
{
	return seeker_unpack(c->record.data, c->record.len, s) && s->id == c->id &&
	       s->version == c->version && s->place / PLACE_CITY == (uint64_t)i->city;
}

/* False: the change cannot be read. */
static bool put_vacancy(struct image *i, const struct change *c)
{
	struct vacancy v;
	bool fine = read_vacancy(i, c, &v);

	if (!fine) {
		bad_record(c);
		if (!outdated_vacancy(i, c, &v))
			return false;
	}
	if (!index_put_vacancy(i->index, &v))
		return fine;
	if (v.open && v.open_posts > 0)
		labels_put(i->labels, v.id, c->label ? c->label : "");
	else
		labels_drop(i->labels, v.id);
	return fine;
}

static bool put_seeker(struct image *i, const struct change *c)
{
	struct seeker s;
	bool fine = read_seeker(i, c, &s);

	if (!fine) {
		bad_record(c);
		if (!outdated_seeker(i, c, &s))
			return false;
	}
	(void)index_put_seeker(i->index, &s);
	return fine;
}

bool image_put(struct image *i, const struct change *c)
{
	return c->entity == 'v' ? put_vacancy(i, c) : put_seeker(i, c);
}

void image_fetch(const struct image *i, const struct change *changes, size_t n)
{
	for (size_t k = 0; k < n; k++) {
		if (changes[k].entity == 'v')
			index_fetch_vacancy(i->index, changes[k].id);
		else
			index_fetch_seeker(i->index, changes[k].id);
	}
	labels_fetch(i->labels, changes, n);
}
