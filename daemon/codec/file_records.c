/*
 * A file of lines, cut into records as its bytes come.
 *
 * NDJSON ends a record with a line feed, CSV with one outside quotes.  A record that
 * is too long is thrown away while it comes, so memory never grows with the file.
 * GB18030 is cut before it is decoded, which is right because no byte of its longer
 * characters is a quote, a comma or a line end.
 */
#include "daemon/codec/file_records.h"

#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/base/oom.h"
#include "daemon/codec/csv_records.h"
#include "daemon/codec/field.h"
#include "daemon/codec/line.h"
#include "daemon/codec/single_line.h"

struct records {
	bool is_csv;
	enum charset charset;
	iconv_t decoder;
	struct csv_header header;
	struct buf record;
	size_t thrown_away; /* bytes of this record beyond what is kept */
	bool in_quotes, is_cut;
	bool is_whole;       /* the next byte begins another */
	bool has_begun;      /* the byte order mark is behind us */
	uint64_t line, next; /* of this record, and of the byte that comes next */
};

struct records *records_new(bool is_csv, enum charset charset)
{
	struct records *r = must_alloc(sizeof(*r));

	r->is_csv = is_csv;
	r->charset = charset;
	r->decoder = (iconv_t)-1;
	r->line = r->next = 1;
	if (charset == CHARSET_GB18030) {
		r->decoder = iconv_open("UTF-8", "GB18030");
		if (r->decoder == (iconv_t)-1) {
			free(r);
			return NULL;
		}
	}
	return r;
}

void records_free(struct records *r)
{
	if (!r)
		return;
	if (r->decoder != (iconv_t)-1)
		iconv_close(r->decoder);
	buf_free(&r->record);
	free(r);
}

static void begin(struct records *r)
{
	buf_clear(&r->record);
	r->thrown_away = 0;
	r->in_quotes = r->is_whole = r->is_cut = false;
	r->line = r->next;
}

/* How many of the bytes belong to this record; *ends when the last is its end. */
static size_t find_end(struct records *r, const char *bytes, size_t n, bool *ends)
{
	const char *at = bytes;
	const char *stop = bytes + n;

	*ends = false;
	while (at < stop) {
		const char *feed = memchr(at, '\n', (size_t)(stop - at));
		const char *end = feed ? feed : stop;

		if (r->is_csv)
			for (; (at = memchr(at, '"', (size_t)(end - at))); at++)
				r->in_quotes = !r->in_quotes;
		if (!feed)
			return n;
		r->next++;
		at = feed + 1;
		if (!r->in_quotes) {
			*ends = true;
			return (size_t)(at - bytes);
		}
	}
	return n;
}

size_t records_take(struct records *r, const char *bytes, size_t n, bool is_last, bool *whole)
{
	size_t taken, room;

	if (r->is_whole)
		begin(r);
	taken = find_end(r, bytes, n, whole);
	room = CODEC_RECORD_MAX - r->record.len;
	buf_put(&r->record, bytes, taken < room ? taken : room);
	r->thrown_away += taken < room ? 0 : taken - room;
	if (is_last && !*whole && taken == n && (r->record.len || r->thrown_away)) {
		*whole = true;
		r->is_cut = r->in_quotes;
	}
	r->is_whole = *whole;
	return taken;
}

uint64_t records_line(const struct records *r)
{
	return r->line;
}

bool records_is_blank(const struct records *r)
{
	return !r->thrown_away &&
	       strspn(r->record.data ? r->record.data : "", " \t\r\n") == r->record.len;
}

/* False: the byte at which it fails is told. */
static bool decode(struct records *r, const struct codec *c, char **text, size_t *len)
{
	size_t left = *len, room = *len * 2 + 4;
	char *from = *text, *to = arena_alloc(c->arena, room + 1), *at = to;
	char found[32];

	iconv(r->decoder, NULL, NULL, NULL, NULL);
	if (iconv(r->decoder, &from, &left, &at, &room) == (size_t)-1) {
		snprintf(found, sizeof(found), "byte %zu", *len - left + 1);
		body_fault(c, BROKEN_FORMAT, found, "GB18030, as the Content-Type says");
		return false;
	}
	*text = to;
	*len = (size_t)(at - to);
	return true;
}

/* The record as UTF-8 without its line end; false: it cannot be read. */
static bool read_text_of(struct records *r, const struct codec *c, char **text, size_t *len)
{
	static const char mark[] = "\xef\xbb\xbf";
	char found[48], limit[48];

	*text = r->record.data;
	*len = r->record.len;
	if (r->thrown_away) {
		snprintf(found, sizeof(found), "%zu bytes", *len + r->thrown_away);
		snprintf(limit, sizeof(limit), "a line of at most %zu bytes", CODEC_RECORD_MAX);
		body_fault(c, BROKEN_TOO_LONG, found, limit);
		return false;
	}
	if (r->is_cut) {
		body_fault(c, BROKEN_TRUNCATED, "a quote that is not closed",
		    "the rest of the file");
		return false;
	}
	while (*len && ((*text)[*len - 1] == '\n' || (*text)[*len - 1] == '\r'))
		--*len;
	if (r->decoder != (iconv_t)-1 && !decode(r, c, text, len))
		return false;
	if (!r->has_begun && *len >= 3 && memcmp(*text, mark, 3) == 0) {
		*text += 3;
		*len -= 3;
	}
	r->has_begun = true;
	return true;
}

bool records_read_header(struct records *r, const struct codec *c)
{
	char *text;
	size_t len;

	return read_text_of(r, c, &text, &len) && csv_read_header(c, text, len, &r->header);
}

const char *records_raw(const struct records *r, size_t *len)
{
	*len = r->record.len;
	return r->record.data;
}

bool records_text(struct records *r, const struct codec *c, const char **text, size_t *len)
{
	char *start;
	bool fine = read_text_of(r, c, &start, len);

	*text = start;
	return fine;
}

enum read_result records_read_line(struct records *r, const struct codec *c,
    const char *employer, struct single_line *out)
{
	enum read_result result;
	json_t *tree;
	char *text;
	size_t len;

	*out = (struct single_line){ 0 };
	if (!read_text_of(r, c, &text, &len))
		return READ_MALFORMED;
	if (!r->is_csv)
		return codec_read_single_line(c, text, len, employer, out);
	tree = csv_read_record(c, &r->header, text, len);
	if (!tree)
		return READ_MALFORMED;
	result = read_single_line(c, tree, employer, out);
	json_decref(tree);
	return result;
}
