/*
 * Parsing a head: llhttp behind the gate.
 *
 * It is the only file that knows llhttp.  Bodies never come here: they have a
 * length or are refused, so the parser is stopped at the end of the head.
 */
#include "daemon/http/head.h"

#include <llhttp.h>
#include <string.h>
#include <strings.h>

#include "daemon/base/arena.h"

struct bytes {
	const char *at;
	size_t n;
};

struct parse {
	struct bytes target, name, value;
	struct head *head;
	struct {
		struct bytes name, value;
	} lines[HEAD_MAX_HEADERS];
	size_t n;
	bool complete;
};

/* The whole head lies in one piece, so the parts of one thing lie side by side. */
static int grow(struct bytes *s, const char *at, size_t n)
{
	if (s->at && s->at + s->n != at)
		return HPE_USER;
	if (!s->at)
		s->at = at;
	s->n += n;
	return 0;
}

static int on_url(llhttp_t *p, const char *at, size_t n)
{
	return grow(&((struct parse *)p->data)->target, at, n);
}

static int on_name(llhttp_t *p, const char *at, size_t n)
{
	return grow(&((struct parse *)p->data)->name, at, n);
}

static int on_value(llhttp_t *p, const char *at, size_t n)
{
	return grow(&((struct parse *)p->data)->value, at, n);
}

static int on_line(llhttp_t *p)
{
	struct parse *to = p->data;

	if (to->n == HEAD_MAX_HEADERS)
		return HPE_USER;
	to->lines[to->n].name = to->name;
	to->lines[to->n++].value = to->value;
	to->name = to->value = (struct bytes){ 0 };
	return 0;
}

static int on_complete(llhttp_t *p)
{
	struct parse *to = p->data;

	to->complete = true;
	to->head->keep_alive = llhttp_should_keep_alive(p);
	return HPE_PAUSED;
}

/* A span of the copied head becomes a string where it lies. */
static const char *terminate(char *copy, const char *bytes, struct bytes s)
{
	char *to = copy + (s.at - bytes);

	while (s.n && (to[s.n - 1] == ' ' || to[s.n - 1] == '\t'))
		s.n--;
	to[s.n] = '\0';
	return to;
}

static bool agree(const llhttp_t *p, const struct parse *seen, const struct gate_facts *said)
{
	return seen->complete && seen->target.n && seen->n == said->n_headers &&
	       p->http_major == 1 && p->http_minor == (said->is_old ? 0 : 1) &&
	       !(p->flags & (F_CHUNKED | F_TRANSFER_ENCODING)) &&
	       !(p->flags & F_CONTENT_LENGTH) == !said->has_length &&
	       p->content_length == said->length;
}

enum gate head_parse(struct arena *a, const char *bytes, size_t n, struct head *out)
{
	static const llhttp_settings_t settings = {
		.on_url = on_url,
		.on_header_field = on_name,
		.on_header_value = on_value,
		.on_header_value_complete = on_line,
		.on_headers_complete = on_complete,
	};
	struct parse seen = { .head = out };
	llhttp_t parser;
	enum gate g = gate_judge(bytes, n, &out->facts);
	char *copy;

	if (g != GATE_OPEN)
		return g;
	llhttp_init(&parser, HTTP_REQUEST, &settings);
	parser.data = &seen;
	if (llhttp_execute(&parser, bytes, n) != HPE_PAUSED ||
	    !agree(&parser, &seen, &out->facts))
		return GATE_DISAGREE;

	copy = arena_memdup(a, bytes, n);
	out->method_name = llhttp_method_name(parser.method);
	/* Whom an absolute target names is not asked: one server, whatever its host is called.
	 */
	out->target = terminate(copy, bytes, seen.target) +
		      gate_before_path(seen.target.at, seen.target.n);
	for (size_t i = 0; i < seen.n; i++) {
		out->headers[i].name = terminate(copy, bytes, seen.lines[i].name);
		/* An empty one lies where the next line begins: nothing may be cut there. */
		out->headers[i].value =
		    seen.lines[i].value.n ? terminate(copy, bytes, seen.lines[i].value) : "";
	}
	out->n_headers = seen.n;
	return GATE_OPEN;
}

const char *head_find(const struct head *h, const char *name)
{
	for (size_t i = 0; i < h->n_headers; i++)
		if (strcasecmp(h->headers[i].name, name) == 0)
			return h->headers[i].value;
	return NULL;
}
