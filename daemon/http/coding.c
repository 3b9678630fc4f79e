/*
 * gzip by zlib: which answers, their tags, and those that are packed once.
 *
 * It owns the only use of zlib and refuses to know what an answer says.  The codes, the
 * description of the API and the pages of rules and problems are as many as there are paths
 * of them, so what is kept of them needs no end; a list that was asked for by ?q= is packed
 * each time.
 */
#include "daemon/http/coding.h"

#include <stdlib.h>
#include <string.h>

#include <uthash.h>
#include <zlib.h>

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/base/oom.h"

#define SHORT_BYTES 1000
#define LONG_BYTES  ((size_t)1 << 20) /* it would keep the loop too long */
#define KEPT_MAX    1024
#define BITS        (15 + 16) /* the largest window, and gzip's frame */
#define MEMORY      8

enum { LEVEL_EACH = 1, LEVEL_ONCE = 6 };

static const char suffix[] = "-gzip\"";

struct kept {
	char tag[24];
	char *bytes;
	size_t len;
	UT_hash_handle hh;
};

struct packer {
	struct buf out;
	struct kept *kept;
};

bool coding_is_chosen(const struct request *r, const struct answer *a)
{
	return r && r->method == METHOD_GET && a->status == 200 && !a->is_file;
}

bool coding_packs(enum coding_wish wish, const struct request *r, const struct answer *a)
{
	if (wish == CODING_PLAIN || !coding_is_chosen(r, a) || a->body_len > LONG_BYTES)
		return false;
	return a->body_len > SHORT_BYTES || (wish == CODING_GZIP_ONLY && a->body_len);
}

void coding_tag(struct answer *a, char tag[CODING_TAG_MAX])
{
	for (size_t i = 0; i < a->n_headers; i++) {
		const char *plain = a->headers[i].value;
		size_t n = strlen(plain);

		if (strcmp(a->headers[i].name, "ETag") != 0 || n < 2 ||
		    n + sizeof(suffix) > CODING_TAG_MAX)
			continue;
		memcpy(tag, plain, n - 1); /* without the quote at its end */
		memcpy(tag + n - 1, suffix, sizeof(suffix));
		a->headers[i].value = tag;
	}
}

const char *coding_plain_tag(struct arena *memory, const char *tag)
{
	size_t n = strlen(tag), end = sizeof(suffix) - 1;
	char *plain;

	if (n <= end || strcmp(tag + n - end, suffix) != 0)
		return tag;
	plain = arena_strndup(memory, tag, n - end + 1);
	plain[n - end] = '"';
	return plain;
}

struct packer *packer_new(void)
{
	return must_alloc(sizeof(struct packer));
}

void packer_free(struct packer *p)
{
	struct kept *k, *next;

	if (!p)
		return;
	HASH_ITER(hh, p->kept, k, next)
	{
		HASH_DEL(p->kept, k); /* NOLINT(clang-analyzer-unix.Malloc) */
		free(k->bytes);
		free(k);
	}
	buf_free(&p->out);
	free(p);
}

/* Each with a stream of its own, which is freed: what is kept of one is what it has read. */
static void pack(int level, const struct answer *a, struct buf *out)
{
	z_stream z = { 0 };
	size_t room;

	if (deflateInit2(&z, level, Z_DEFLATED, BITS, MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
		abort(); /* only ever for want of memory */
	room = deflateBound(&z, a->body_len);
	buf_clear(out);
	z.next_in = (unsigned char *)a->body;
	z.avail_in = (unsigned)a->body_len;
	z.next_out = (unsigned char *)buf_room(out, room);
	z.avail_out = (unsigned)room;
	if (deflate(&z, Z_FINISH) != Z_STREAM_END)
		abort(); /* there was room for all of it */
	buf_upto(out, (const char *)z.next_out);
	deflateEnd(&z);
}

static const struct kept *pack_once(struct packer *p, const struct answer *a, const char *tag)
{
	struct kept *k = must_alloc(sizeof(*k));

	pack(LEVEL_ONCE, a, &p->out);
	memcpy(k->tag, tag, strlen(tag) + 1);
	k->len = p->out.len;
	k->bytes = must_alloc(k->len);
	memcpy(k->bytes, p->out.data, k->len);
	HASH_ADD_STR(p->kept, tag, k); /* NOLINT(clang-analyzer-unix.Malloc) */
	return k;
}

void packer_pack(struct packer *p, struct answer *a, const char *tag)
{
	const struct kept *k = NULL;

	if (tag && strlen(tag) < sizeof(k->tag)) {
		struct kept *found;

		HASH_FIND_STR(p->kept, tag, found);
		k = found;
		if (!k && HASH_COUNT(p->kept) < KEPT_MAX)
			k = pack_once(p, a, tag);
	}
	if (k) {
		a->body = k->bytes;
		a->body_len = k->len;
		return;
	}
	pack(LEVEL_EACH, a, &p->out);
	a->body = p->out.data;
	a->body_len = p->out.len;
}

void packer_wipe(struct packer *p)
{
	buf_wipe(&p->out);
}
