/*
 * What the pieces of a COPY in the binary form say: a signature, then records.
 *
 * It refuses to know where the pieces come from and what becomes of a record.  A
 * record is read where it lies, so it is good as long as its piece.
 */
#include "daemon/ledger/copied.h"

#include <endian.h>
#include <string.h>

#include "daemon/base/change.h"

enum {
	SIGNATURE = 11,
	RECORD_MOST = UINT16_MAX,
	VACANCY_COLUMNS = 4, /* id, version, record, label */
	SEEKER_COLUMNS = 3,
};

static const char signature[] = "PGCOPY\n\377\r\n";

static bool take(struct copied *c, void *out, size_t n)
{
	if (c->len - c->at < n)
		return false;
	memcpy(out, c->data + c->at, n);
	c->at += n;
	return true;
}

static bool take_16(struct copied *c, int *out)
{
	uint16_t n;

	if (!take(c, &n, sizeof(n)))
		return false;
	*out = (int16_t)be16toh(n);
	return true;
}

static bool take_32(struct copied *c, int32_t *out)
{
	uint32_t n;

	if (!take(c, &n, sizeof(n)))
		return false;
	*out = (int32_t)be32toh(n);
	return true;
}

static bool take_number(struct copied *c, uint64_t *out)
{
	int32_t n;

	if (!take_32(c, &n) || n != 8 || !take(c, out, sizeof(*out)))
		return false;
	*out = be64toh(*out);
	return true;
}

static bool take_bytes(struct copied *c, struct blob *out)
{
	int32_t n;

	if (!take_32(c, &n) || n < 0 || (size_t)n > c->len - c->at || n > RECORD_MOST)
		return false;
	*out = (struct blob){ .data = (const uint8_t *)c->data + c->at, .len = (size_t)n };
	c->at += (size_t)n;
	return true;
}

static bool take_head(struct copied *c)
{
	int32_t flags, extension;
	char is[SIGNATURE];

	if (!take(c, is, sizeof(is)) || memcmp(is, signature, SIGNATURE) != 0)
		return false;
	if (!take_32(c, &flags) || !take_32(c, &extension) || extension < 0 ||
	    (size_t)extension > c->len - c->at)
		return false;
	c->at += (size_t)extension;
	return true;
}

/* The label is the last of its piece, behind which libpq has put a NUL. */
static bool take_record(struct copied *c, bool is_vacancy, struct change *out)
{
	struct blob label;

	*out = (struct change){ .entity = is_vacancy ? 'v' : 's', .label = "" };
	if (!take_number(c, &out->id) || !take_number(c, &out->version) ||
	    !take_bytes(c, &out->record))
		return false;
	if (is_vacancy) {
		if (!take_bytes(c, &label))
			return false;
		out->label = (const char *)label.data;
	}
	return c->at == c->len;
}

enum copied_piece copied_read(struct copied *c, bool is_vacancy, struct change *out)
{
	int n;

	if (!c->has_head && !take_head(c))
		return PIECE_BAD;
	c->has_head = true;
	c->row = c->at;
	if (c->at == c->len)
		return PIECE_EMPTY;
	if (!take_16(c, &n))
		return PIECE_BAD;
	if (n == -1)
		return c->at == c->len ? PIECE_EMPTY : PIECE_BAD;
	if (n != (is_vacancy ? VACANCY_COLUMNS : SEEKER_COLUMNS) ||
	    !take_record(c, is_vacancy, out))
		return PIECE_BAD;
	return PIECE_RECORD;
}
