/*
 * Owns the copies of own writes.
 *
 * It refuses to know the stream: it is told which versions came by.  There is
 * at most one copy an entity, so while Redis is away it grows with the entities
 * written, not with the writes.
 */
#include "daemon/mirror/own.h"

#include "daemon/base/oom.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct copy {
	UT_hash_handle hh;
	uint64_t id;
	uint64_t version;
	char entity;
	size_t record_len;
	char *label;
	uint8_t record[];
};

struct own {
	struct copy *vacancies, *seekers;
};

static struct copy **of(struct own *o, char entity)
{
	return entity == 'v' ? &o->vacancies : &o->seekers;
}

struct own *own_new(void)
{
	return must_alloc(sizeof(struct own));
}

static void drop(struct own *o, struct copy *c)
{
	struct copy **copies = of(o, c->entity);

	/* The analyser does not know that a list's links agree.
	 * NOLINTNEXTLINE(clang-analyzer-*) */
	HASH_DEL(*copies, c);
	free(c->label);
	free(c);
}

static void free_all(struct copy *c)
{
	struct copy *all = c;

	HASH_CLEAR(hh, all);
	while (c) {
		struct copy *next = c->hh.next;

		free(c->label);
		free(c);
		c = next;
	}
}

void own_free(struct own *o)
{
	if (!o)
		return;
	free_all(o->vacancies);
	free_all(o->seekers);
	free(o);
}

static struct copy *find(struct own *o, char entity, uint64_t id)
{
	struct copy **copies = of(o, entity);
	struct copy *c;

	HASH_FIND(hh, *copies, &id, sizeof(id), c);
	return c;
}

void own_put(struct own *o, const struct change *change)
{
	struct copy **copies = of(o, change->entity);
	struct copy *c = find(o, change->entity, change->id);

	if (c && c->version >= change->version)
		return;
	if (c)
		drop(o, c);
	c = must_alloc(sizeof(*c) + change->record.len);
	c->entity = change->entity;
	c->id = change->id;
	c->version = change->version;
	c->record_len = change->record.len;
	if (change->record.len)
		memcpy(c->record, change->record.data, change->record.len);
	c->label = must_strdup(change->label ? change->label : "");
	HASH_ADD(hh, *copies, id, sizeof(c->id), c);
}

void own_passed(struct own *o, char entity, uint64_t id, uint64_t version)
{
	struct copy *c = find(o, entity, id);

	if (c && c->version <= version)
		drop(o, c);
}

static void each_of(const struct copy *c, void (*each)(void *arg, const struct change *c),
    void *arg)
{
	for (; c; c = c->hh.next) {
		struct change change = {
			.entity = c->entity,
			.id = c->id,
			.version = c->version,
			.record = { .data = c->record, .len = c->record_len },
			.label = c->label,
		};

		each(arg, &change);
	}
}

void own_each(const struct own *o, void (*each)(void *arg, const struct change *c), void *arg)
{
	each_of(o->vacancies, each, arg);
	each_of(o->seekers, each, arg);
}
