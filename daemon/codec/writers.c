/*
 * The small writers of coded text: one member each, on the buffer of base.
 */
#include "daemon/codec/writers.h"

#include "daemon/base/buf.h"
#include "daemon/codec/read.h"

void write_hex(struct buf *b, const uint8_t *p, size_t n)
{
	buf_putc(b, '"');
	buf_hex(b, p, n);
	buf_putc(b, '"');
}

void write_text(struct buf *b, const char *key, const char *text)
{
	buf_key(b, key);
	buf_json(b, text);
}

void write_number(struct buf *b, const char *key, int64_t n)
{
	buf_key(b, key);
	buf_putd(b, n);
}

void write_flag(struct buf *b, const char *key, bool yes)
{
	buf_key(b, key);
	buf_puts(b, yes ? "true" : "false");
}

void write_day(struct buf *b, const char *key, bool stated, day_t d)
{
	char text[11];

	if (stated)
		day_print(d, text);
	write_text(b, key, stated ? text : NULL);
}

void write_names(struct buf *b, const char *key, enum code_list of, int set)
{
	buf_key(b, key);
	buf_putc(b, '[');
	for (size_t i = 0; i < choice_lists[of].n; i++) {
		if (!(set & 1 << i))
			continue;
		buf_comma(b);
		buf_json(b, choice_lists[of].rows[i].code);
	}
	buf_putc(b, ']');
}

static int append(const char *text, size_t n, void *to)
{
	buf_put(to, text, n);
	return 0;
}

void write_tree(struct buf *b, const json_t *tree, size_t flags)
{
	json_dump_callback(tree, append, b, JSON_COMPACT | JSON_ENCODE_ANY | flags);
}
