/*
 * Owns the interned texts and which vacancy shows which.
 *
 * It refuses to know what a text means.  Surprising: a text is freed with the
 * last vacancy that shows it, so pointers given out die at the next change.
 */
#include "daemon/mirror/labels.h"

#include "daemon/base/oom.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

enum { PARTS = 3, SEPARATOR = 0x1f };

struct text {
	UT_hash_handle hh;
	size_t users;
	char s[];
};

struct label {
	UT_hash_handle hh;
	uint64_t vacancy;
	struct text *part[PARTS];
};

struct labels {
	struct text *texts;
	struct label *labels;
};

static struct text *hold(struct labels *l, const char *s, size_t n)
{
	struct text *t;

	HASH_FIND(hh, l->texts, s, n, t);
	if (!t) {
		t = must_alloc(sizeof(*t) + n + 1);
		memcpy(t->s, s, n);
		HASH_ADD_KEYPTR(hh, l->texts, t->s, n, t);
	}
	t->users++;
	return t;
}

static void let_go(struct labels *l, struct text *t)
{
	if (--t->users > 0)
		return;
	/* The analyser does not know that a list's links agree.
	 * NOLINTNEXTLINE(clang-analyzer-*) */
	HASH_DEL(l->texts, t);
	free(t);
}

struct labels *labels_new(void)
{
	return must_alloc(sizeof(struct labels));
}

void labels_free(struct labels *l)
{
	struct label *label, *next;

	if (!l)
		return;
	HASH_ITER(hh, l->labels, label, next)
	labels_drop(l, label->vacancy);
	free(l);
}

static struct label *find(const struct labels *l, uint64_t vacancy)
{
	struct label *label;

	HASH_FIND(hh, l->labels, &vacancy, sizeof(vacancy), label);
	return label;
}

void labels_put(struct labels *l, uint64_t vacancy, const char *text)
{
	struct label *label = find(l, vacancy);
	struct text *part[PARTS];
	const char *s = text;

	/* The new before the old: they are mostly the same texts. */
	for (int i = 0; i < PARTS; i++) {
		const char *end = i < PARTS - 1 ? strchr(s, SEPARATOR) : NULL;
		size_t n = end ? (size_t)(end - s) : strlen(s);

		part[i] = hold(l, s, n);
		s = end ? end + 1 : s + n;
	}
	if (!label) {
		label = must_alloc(sizeof(*label));
		label->vacancy = vacancy;
		HASH_ADD(hh, l->labels, vacancy, sizeof(label->vacancy), label);
	} else {
		for (int i = 0; i < PARTS; i++)
			let_go(l, label->part[i]);
	}
	memcpy(label->part, part, sizeof(part));
}

void labels_drop(struct labels *l, uint64_t vacancy)
{
	struct label *label = find(l, vacancy);

	if (!label)
		return;
	for (int i = 0; i < PARTS; i++)
		let_go(l, label->part[i]);
	HASH_DEL(l->labels, label);
	free(label);
}

bool labels_find(const struct labels *l, uint64_t vacancy, struct vacancy_label *out)
{
	const struct label *label = find(l, vacancy);

	if (!label)
		return false;
	out->title = label->part[0]->s;
	out->employer = label->part[1]->s;
	out->pay = label->part[2]->s;
	return true;
}
