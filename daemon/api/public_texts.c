/*
 * Making, tagging and keeping them, by path.
 *
 * It owns what one worker keeps and refuses to know what a text says.  Nothing of it changes
 * while a worker lives, since its tables do not; and only paths that were answered are kept,
 * so there are as many as there are texts.
 */
#include "daemon/api/public_texts.h"

#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "daemon/api/app.h"
#include "daemon/base/hash.h"
#include "daemon/base/oom.h"

struct kept {
	char *path, *text;
	const char *content_type;
	uint64_t tag;
	UT_hash_handle hh;
};

struct public_texts {
	struct kept *kept;
};

struct public_texts *public_texts_new(void)
{
	return must_alloc(sizeof(struct public_texts));
}

void public_texts_free(struct public_texts *t)
{
	struct kept *k, *next;

	if (!t)
		return;
	HASH_ITER(hh, t->kept, k, next)
	{
		HASH_DEL(t->kept, k); /* NOLINT(clang-analyzer-unix.Malloc) */
		free(k->path);
		free(k->text);
		free(k);
	}
	free(t);
}

/* NULL: this one is made anew. */
static struct public_texts *keeper(struct flow *f)
{
	return flow_request(f)->n_query ? NULL : flow_app(f)->texts;
}

bool answer_kept(struct flow *f)
{
	struct public_texts *t = keeper(f);
	struct kept *k = NULL;

	if (t)
		HASH_FIND_STR(t->kept, flow_request(f)->path, k);
	if (k)
		flow_reply_public(f, k->content_type, k->text, k->tag);
	return k != NULL;
}

static void keep(struct public_texts *t, const char *path, const char *content_type,
    const char *text, uint64_t tag)
{
	struct kept *k = must_alloc(sizeof(*k));

	k->path = must_strdup(path);
	k->text = must_strdup(text);
	k->content_type = content_type;
	k->tag = tag;
	/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
	HASH_ADD_KEYPTR(hh, t->kept, k->path, strlen(k->path), k);
}

enum next answer_public(struct flow *f, const char *content_type, const char *text)
{
	uint64_t tag = hash_text(HASH_BEGIN, text);
	struct public_texts *t = keeper(f);

	if (t)
		keep(t, flow_request(f)->path, content_type, text, tag);
	return flow_reply_public(f, content_type, text, tag);
}
