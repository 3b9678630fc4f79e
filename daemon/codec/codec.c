/*
 * Bodies: the one way from bytes to coded text.
 *
 * It knows what is the same for all: that a body is an object, and that every
 * fault is collected before anything is refused.
 */
#include "daemon/codec/codec.h"

#include "daemon/base/buf.h"
#include "daemon/codec/field.h"
#include "daemon/codec/json.h"
#include "daemon/codec/rows.h"

/* The tree is the reader's to change and to free; NULL: it could not be read. */
static enum read_result read_tree(const struct codec *c, body_shape *shape, json_t *tree,
    const char **coded)
{
	struct buf b = { 0 };

	if (!tree)
		return READ_MALFORMED;

	struct field top = field_top(c, tree);

	buf_putc(&b, '{');
	shape(&top, &b);
	buf_putc(&b, '}');
	*coded = buf_to_arena(c->arena, &b);
	json_decref(tree);
	return c->faults->n ? READ_INVALID : READ_OK;
}

enum read_result codec_read(const struct codec *c, body_shape *shape, const char *text,
    size_t len, const char **coded)
{
	bool is_bare = shape == empty_body && len == 0;

	return read_tree(c, shape,
	    is_bare ? json_object() : json_read(c, text, len, CODEC_BODY_MAX), coded);
}

enum read_result codec_read_row(const struct codec *c, body_shape *shape,
    const struct rows *rows, const char **coded)
{
	enum read_result result = read_tree(c, shape, rows_record(rows), coded);

	return rows_explain(rows, c, result);
}

void empty_body(const struct field *top, struct buf *b)
{
	(void)b;
	field_only(top, NULL, 0);
}
