/*
 * Owns the interned texts, and the table of which vacancy shows which.
 *
 * It refuses to know what a text means.  Both tables are open addressing with
 * linear probing; what is dropped is filled by its followers, so there are no
 * tombstones.  A text is freed with the last vacancy that shows it, so pointers
 * given out die at the next change.
 */
#include "daemon/mirror/labels.h"

#include "daemon/base/change.h"
#include "daemon/base/oom.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

enum { PARTS = 3, SEPARATOR = 0x1f, FIRST_SIZE = 64, FETCHED_MOST = 64 };

#define NO_TEXT UINT32_MAX

struct interned {
	uint32_t refs;
	uint32_t len;
	char s[];
};

/* Most texts that are not the one are told by their hash, here. */
struct hash_slot {
	uint32_t hash;
	uint32_t number; /* NO_TEXT: free */
};

/* What a number stands for. */
struct label_entry {
	struct interned *text; /* NULL: nothing at present */
	uint32_t spare;        /* then: the next number that is free, or NO_TEXT */
};

/* Three texts by their numbers.  20 bytes: the id is kept in halves. */
struct label {
	uint32_t id_low, id_high; /* both 0: free */
	uint32_t part[PARTS];
};

struct labels {
	struct label_entry *texts; /* by number */
	uint32_t n_texts, texts_room;
	uint32_t spare; /* the first number that is free again */
	struct hash_slot *slots;
	size_t slots_size, slots_used;
	struct label *labels;
	size_t size, used;
	size_t text_bytes;
};

/* --- texts --- */

static uint32_t hash(const char *s, size_t n)
{
	uint64_t h = n, word;

	for (; n >= sizeof(word); s += sizeof(word), n -= sizeof(word)) {
		memcpy(&word, s, sizeof(word));
		h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 29;
	}
	word = 0;
	for (; n > 0; n--)
		word = word << 8 | (unsigned char)s[n - 1];
	h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return (uint32_t)(h >> 32);
}

static void grow_slots(struct labels *l)
{
	struct hash_slot *old = l->slots;
	size_t n = l->slots_size;

	if ((l->slots_used + 1) * 3 <= n * 2)
		return;
	l->slots_size = n ? n * 2 : FIRST_SIZE;
	l->slots = must_alloc(l->slots_size * sizeof(*l->slots));
	memset(l->slots, 0xff, l->slots_size * sizeof(*l->slots));
	for (size_t i = 0; i < n; i++) {
		size_t at = old[i].hash & (l->slots_size - 1);

		if (old[i].number == NO_TEXT)
			continue;
		while (l->slots[at].number != NO_TEXT)
			at = (at + 1) & (l->slots_size - 1);
		l->slots[at] = old[i];
	}
	free(old);
}

static uint32_t new_number(struct labels *l)
{
	uint32_t number = l->spare;

	if (number != NO_TEXT) {
		l->spare = l->texts[number].spare;
		return number;
	}
	if (l->n_texts == l->texts_room) {
		l->texts_room = l->texts_room ? l->texts_room * 2 : FIRST_SIZE;
		l->texts = must_realloc(l->texts, l->texts_room * sizeof(*l->texts));
	}
	return l->n_texts++;
}

static uint32_t intern(struct labels *l, const char *s, size_t n)
{
	struct hash_slot found = { .hash = hash(s, n) };
	struct interned *t;
	size_t at, mask;

	grow_slots(l);
	mask = l->slots_size - 1;
	for (at = found.hash & mask; l->slots[at].number != NO_TEXT; at = (at + 1) & mask) {
		if (l->slots[at].hash != found.hash)
			continue;
		t = l->texts[l->slots[at].number].text;
		if (t->len == n && memcmp(t->s, s, n) == 0) {
			t->refs++;
			return l->slots[at].number;
		}
	}
	found.number = new_number(l);
	t = must_alloc(sizeof(*t) + n + 1);
	*t = (struct interned){ .refs = 1, .len = (uint32_t)n };
	memcpy(t->s, s, n);
	l->texts[found.number].text = t;
	l->slots[at] = found;
	l->slots_used++;
	l->text_bytes += malloc_usable_size(t) + sizeof(size_t);
	return found.number;
}

/* Whether what is at `from`, and belongs at `home`, may move back to `hole`. */
static bool may_move(size_t home, size_t from, size_t hole, size_t size)
{
	return ((from - home) & (size - 1)) >= ((from - hole) & (size - 1));
}

static void unref(struct labels *l, uint32_t number)
{
	struct interned *t = l->texts[number].text;
	size_t mask = l->slots_size - 1, hole;

	if (--t->refs > 0)
		return;
	for (hole = hash(t->s, t->len) & mask; l->slots[hole].number != number;)
		hole = (hole + 1) & mask;
	for (size_t at = (hole + 1) & mask; l->slots[at].number != NO_TEXT;
	     at = (at + 1) & mask) {
		if (!may_move(l->slots[at].hash & mask, at, hole, l->slots_size))
			continue;
		l->slots[hole] = l->slots[at];
		hole = at;
	}
	l->slots[hole].number = NO_TEXT;
	l->slots_used--;
	l->text_bytes -= malloc_usable_size(t) + sizeof(size_t);
	free(t);
	l->texts[number] = (struct label_entry){ .spare = l->spare };
	l->spare = number;
}

/* --- labels --- */

static bool is_free(const struct label *e)
{
	return (e->id_low | e->id_high) == 0;
}

static uint64_t id_of(const struct label *e)
{
	return (uint64_t)e->id_high << 32 | e->id_low;
}

/* Ids are dense numbers: neighbours stay neighbours, and the table is filled in order. */
static size_t home(const struct labels *l, uint64_t vacancy)
{
	return (size_t)(vacancy ^ vacancy >> 32) & (l->size - 1);
}

static struct label *find(const struct labels *l, uint64_t vacancy)
{
	size_t at;

	if (l->size == 0)
		return NULL;
	for (at = home(l, vacancy); !is_free(&l->labels[at]); at = (at + 1) & (l->size - 1)) {
		if (id_of(&l->labels[at]) == vacancy)
			break;
	}
	return &l->labels[at];
}

static void grow(struct labels *l)
{
	struct label *old = l->labels;
	size_t n = l->size;

	if ((l->used + 1) * 4 <= l->size * 3)
		return;
	l->size = n ? n * 2 : FIRST_SIZE;
	l->labels = must_alloc(l->size * sizeof(*l->labels));
	for (size_t i = 0; i < n; i++) {
		if (!is_free(&old[i]))
			*find(l, id_of(&old[i])) = old[i];
	}
	free(old);
}

struct labels *labels_new(void)
{
	struct labels *l = must_alloc(sizeof(*l));

	l->spare = NO_TEXT;
	return l;
}

void labels_free(struct labels *l)
{
	if (!l)
		return;
	for (uint32_t i = 0; i < l->n_texts; i++)
		free(l->texts[i].text);
	free(l->texts);
	free(l->slots);
	free(l->labels);
	free(l);
}

void labels_put(struct labels *l, uint64_t vacancy, const char *text)
{
	uint32_t part[PARTS];
	struct label *label;
	const char *s = text;

	if (vacancy == 0)
		return;
	/* The new before the old: they are mostly the same texts. */
	for (int i = 0; i < PARTS; i++) {
		const char *end = i < PARTS - 1 ? strchr(s, SEPARATOR) : NULL;
		size_t n = end ? (size_t)(end - s) : strlen(s);

		part[i] = intern(l, s, n);
		s = end ? end + 1 : s + n;
	}
	grow(l);
	label = find(l, vacancy);
	if (is_free(label)) {
		label->id_low = (uint32_t)vacancy;
		label->id_high = (uint32_t)(vacancy >> 32);
		l->used++;
	} else {
		for (int i = 0; i < PARTS; i++)
			unref(l, label->part[i]);
	}
	memcpy(label->part, part, sizeof(part));
}

static uint32_t fetch_slot(const struct labels *l, const char *s, size_t n)
{
	uint32_t h = hash(s, n);

	__builtin_prefetch(&l->slots[h & (l->slots_size - 1)]);
	return h;
}

/* The number of a text with this hash, most likely the one; or NO_TEXT. */
static uint32_t likely(const struct labels *l, uint32_t h)
{
	size_t mask = l->slots_size - 1, at = h & mask;

	while (l->slots[at].number != NO_TEXT && l->slots[at].hash != h)
		at = (at + 1) & mask;
	return l->slots[at].number;
}

/* Not the titles: they are few, and those of a cell are one or two. */
void labels_fetch(const struct labels *l, const struct change *changes, size_t n)
{
	uint32_t texts[FETCHED_MOST]; /* their hashes, then their numbers */
	size_t found = 0;

	if (l->size == 0)
		return;
	for (size_t i = 0; i < n && found + 2 <= FETCHED_MOST; i++) {
		const char *s = changes[i].label, *end;

		if (changes[i].entity != 'v' || !s || !(s = strchr(s, SEPARATOR)) ||
		    !(end = strchr(++s, SEPARATOR)))
			continue;
		__builtin_prefetch(&l->labels[home(l, changes[i].id)], 1);
		texts[found++] = fetch_slot(l, s, (size_t)(end - s));
		texts[found++] = fetch_slot(l, end + 1, strlen(end + 1));
	}
	for (size_t i = 0; i < found; i++) {
		texts[i] = likely(l, texts[i]);
		if (texts[i] != NO_TEXT)
			__builtin_prefetch(&l->texts[texts[i]]);
	}
	for (size_t i = 0; i < found; i++) {
		if (texts[i] != NO_TEXT)
			__builtin_prefetch(l->texts[texts[i]].text);
	}
}

void labels_drop(struct labels *l, uint64_t vacancy)
{
	struct label *label = find(l, vacancy);
	size_t hole;

	if (!label || is_free(label))
		return;
	for (int i = 0; i < PARTS; i++)
		unref(l, label->part[i]);
	hole = (size_t)(label - l->labels);
	for (size_t at = (hole + 1) & (l->size - 1); !is_free(&l->labels[at]);
	     at = (at + 1) & (l->size - 1)) {
		if (!may_move(home(l, id_of(&l->labels[at])), at, hole, l->size))
			continue;
		l->labels[hole] = l->labels[at];
		hole = at;
	}
	l->labels[hole] = (struct label){ 0 };
	l->used--;
}

bool labels_find(const struct labels *l, uint64_t vacancy, struct vacancy_label *out)
{
	const struct label *label = find(l, vacancy);

	if (!label || is_free(label))
		return false;
	out->title = l->texts[label->part[0]].text->s;
	out->employer = l->texts[label->part[1]].text->s;
	out->pay = l->texts[label->part[2]].text->s;
	return true;
}

size_t labels_bytes(const struct labels *l)
{
	return sizeof(*l) + l->size * sizeof(*l->labels) + l->slots_size * sizeof(*l->slots) +
	       l->texts_room * sizeof(*l->texts) + l->text_bytes;
}
