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

enum read_result codec_read(const struct codec *c, body_shape *shape, const char *text,
    size_t len, const char **coded)
{
	bool is_bare = shape == empty_body && len == 0;
	json_t *tree = is_bare ? json_object() : json_read(c, text, len, CODEC_BODY_MAX);
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

void empty_body(const struct field *top, struct buf *b)
{
	(void)b;
	field_only(top, NULL, 0);
}
