/*
 * Owns the rules by which ledger and board are the same.
 *
 * It refuses to know where either is read.  A record is remembered by its
 * version and two 64-bit hashes, so a nation fits.  A closed vacancy and an
 * inactive seeker need not be on the board, but a seeker may be, as her own
 * tombstone.
 */
#include "daemon/outbox/tally.h"

#include "daemon/base/hash.h"
#include "daemon/base/oom.h"
#include "daemon/board/record_keys.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

struct entry {
	UT_hash_handle hh;
	uint64_t id;
	uint64_t version, record, label;
	bool open;
};

struct tally {
	struct entry *vacancies, *seekers;
	struct verify_report *out;
};

static struct entry **of(struct tally *t, char entity)
{
	return entity == 'v' ? &t->vacancies : &t->seekers;
}

static uint64_t hash_label(const struct change *c)
{
	return hash_text(HASH_BEGIN, c->label ? c->label : "");
}

static void differs(struct tally *t, char entity, uint64_t id, const char *what)
{
	struct verify_report *out = t->out;

	if (out->n_differences < VERIFY_MAX_DIFFERENCES)
		out->differences[out->n_differences] =
		    (struct difference){ .entity = entity, .id = id, .what = what };
	out->n_differences++;
}

struct tally *tally_new(struct verify_report *out)
{
	struct tally *t = must_alloc(sizeof(*t));

	t->out = out;
	out->vacancies = out->seekers = out->n_differences = 0;
	return t;
}

static void remove_entry(struct entry **entries, struct entry *e)
{
	/* The analyser does not know that a list's links agree.
	 * NOLINTNEXTLINE(clang-analyzer-*) */
	HASH_DEL(*entries, e);
	free(e);
}

static void free_all(struct entry *e)
{
	struct entry *all = e;

	HASH_CLEAR(hh, all);
	while (e) {
		struct entry *next = e->hh.next;

		free(e);
		e = next;
	}
}

void tally_free(struct tally *t)
{
	if (!t)
		return;
	free_all(t->vacancies);
	free_all(t->seekers);
	free(t);
}

static struct entry *find(struct entry *entries, uint64_t id)
{
	struct entry *e;

	HASH_FIND(hh, entries, &id, sizeof(id), e);
	return e;
}

void tally_board(struct tally *t, const struct change *c)
{
	struct entry **entries = of(t, c->entity);
	struct record_keys keys = { 0 };
	struct entry *e;

	if (c->record.len == 0)
		return; /* a tombstone */
	if (find(*entries, c->id)) {
		differs(t, c->entity, c->id, "twice on the board");
		return;
	}
	if (!record_keys_read(c, &keys))
		differs(t, c->entity, c->id, "the board's record cannot be read");
	e = must_alloc(sizeof(*e));
	e->id = c->id;
	e->version = c->version;
	e->record = hash_bytes(HASH_BEGIN, c->record.data, c->record.len);
	e->label = hash_label(c);
	e->open = keys.open;
	HASH_ADD(hh, *entries, id, sizeof(e->id), e);
}

void tally_ledger(struct tally *t, const struct change *c)
{
	struct entry **entries = of(t, c->entity);
	struct entry *e = find(*entries, c->id);
	struct record_keys keys = { 0 };

	(*(c->entity == 'v' ? &t->out->vacancies : &t->out->seekers))++;
	if (!record_keys_read(c, &keys))
		differs(t, c->entity, c->id, "the ledger's record cannot be read");
	else if (!e && keys.open)
		differs(t, c->entity, c->id, "not on the board");
	else if (e && c->entity == 'v' && !keys.open)
		differs(t, c->entity, c->id, "on the board, but not open");
	else if (e && e->version != c->version)
		differs(t, c->entity, c->id, "the version");
	else if (e && e->record != hash_bytes(HASH_BEGIN, c->record.data, c->record.len))
		differs(t, c->entity, c->id, "the record");
	else if (e && e->label != hash_label(c))
		differs(t, c->entity, c->id, "the label");
	if (e)
		remove_entry(entries, e);
}

static void left_over(struct tally *t, char entity)
{
	for (const struct entry *e = *of(t, entity); e; e = e->hh.next) {
		if (e->open)
			differs(t, entity, e->id, "not open in the ledger");
	}
}

void tally_end(struct tally *t)
{
	left_over(t, 'v');
	left_over(t, 's');
}
