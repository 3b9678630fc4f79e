/*
 * A YAML file as JSON: how /openapi.json is made of config/openapi.yaml while building.
 *
 *   yaml_json FILE > FILE.json
 *
 * It knows nothing of what the file says.  Aliases are written out, and `<<` takes in the
 * members of another mapping, but for those that stand beside it.  A plain word is null, a
 * boolean or a number as in YAML's core schema; what is quoted is text.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "daemon/base/buf.h"

static yaml_document_t document;

static const char *text_of(const yaml_node_t *n)
{
	return (const char *)n->data.scalar.value;
}

/* "-12", "0.5": what JSON takes as it stands. */
static bool is_number(const char *text)
{
	const char *at = text + (*text == '-');
	size_t whole = strspn(at, "0123456789"), part;

	if (whole == 0 || (whole > 1 && *at == '0'))
		return false;
	at += whole;
	if (*at == '.') {
		part = strspn(++at, "0123456789");
		if (part == 0)
			return false;
		at += part;
	}
	return !*at;
}

static void write_scalar(struct buf *b, const yaml_node_t *n)
{
	const char *text = text_of(n);
	bool is_plain = n->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;

	if (is_plain && (!*text || strcmp(text, "null") == 0 || strcmp(text, "~") == 0))
		buf_puts(b, "null");
	else if (is_plain &&
		 (strcmp(text, "true") == 0 || strcmp(text, "false") == 0 || is_number(text)))
		buf_puts(b, text);
	else
		buf_json(b, text);
}

static bool has(const yaml_node_t *mapping, const char *name)
{
	for (yaml_node_pair_t *p = mapping->data.mapping.pairs.start;
	     p < mapping->data.mapping.pairs.top; p++)
		if (strcmp(text_of(yaml_document_get_node(&document, p->key)), name) == 0)
			return true;
	return false;
}

static void write_node(struct buf *b, const yaml_node_t *n);

/* `over`: the mapping that takes this one in, whose own members stand; or NULL. */
static void write_members(struct buf *b, const yaml_node_t *n, const yaml_node_t *over)
{
	for (yaml_node_pair_t *p = n->data.mapping.pairs.start; p < n->data.mapping.pairs.top;
	     p++) {
		const char *name = text_of(yaml_document_get_node(&document, p->key));
		const yaml_node_t *value = yaml_document_get_node(&document, p->value);

		if (strcmp(name, "<<") == 0) {
			write_members(b, value, n);
		} else if (!over || !has(over, name)) {
			buf_key(b, name);
			write_node(b, value);
		}
	}
}

static void write_node(struct buf *b, const yaml_node_t *n)
{
	switch (n->type) {
	case YAML_SCALAR_NODE:
		write_scalar(b, n);
		return;
	case YAML_SEQUENCE_NODE:
		buf_putc(b, '[');
		for (yaml_node_item_t *i = n->data.sequence.items.start;
		     i < n->data.sequence.items.top; i++) {
			buf_comma(b);
			write_node(b, yaml_document_get_node(&document, *i));
		}
		buf_putc(b, ']');
		return;
	case YAML_MAPPING_NODE:
		buf_putc(b, '{');
		write_members(b, n, NULL);
		buf_putc(b, '}');
		return;
	case YAML_NO_NODE:
		return;
	}
}

int main(int argc, char **argv)
{
	FILE *in = argc == 2 ? fopen(argv[1], "rb") : NULL;
	struct buf b = { 0 };
	yaml_parser_t parser;
	bool is_read;

	if (!in || !yaml_parser_initialize(&parser)) {
		fprintf(stderr, "yaml_json FILE\n");
		return 2;
	}
	yaml_parser_set_input_file(&parser, in);
	is_read = yaml_parser_load(&parser, &document);
	fclose(in);
	if (!is_read || !yaml_document_get_root_node(&document)) {
		fprintf(stderr, "%s:%zu: %s\n", argv[1], parser.problem_mark.line + 1,
		    parser.problem ? parser.problem : "nothing is there");
		return 1;
	}
	write_node(&b, yaml_document_get_root_node(&document));
	printf("%s\n", b.data);
	buf_free(&b);
	yaml_document_delete(&document);
	yaml_parser_delete(&parser);
	return 0;
}
