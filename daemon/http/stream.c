/*
 * A body that is handed to its flow as it comes, with back pressure.
 *
 * It owns no bytes: they wait in the socket until the flow reads them.  It refuses
 * to know what they are.  The last byte of the body turns the phase into an
 * ordinary wait, and only then may another request begin.
 */
#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/http/connection.h"
#include "daemon/http/respond.h"

#define STREAM_PACE ((size_t)16384) /* bytes of a body within each body deadline */

void stream_tell(struct body *b)
{
	struct done arrived = b->arrived;

	b->arrived = (struct done){ 0 };
	if (arrived.fn)
		done_call(arrived, OK);
}

/* A flow takes what has come of its body; the last of it makes this an ordinary wait. */
static size_t read_stream(struct body *b, char *to, size_t room)
{
	struct connection *c = b->from;
	const char *bytes;
	size_t n;

	if (!c || !b->left)
		return 0;
	bytes = socket_bytes(&c->socket, &n);
	if (n > room)
		n = room;
	if (n > b->left)
		n = (size_t)b->left;
	memcpy(to, bytes, n);
	socket_take(&c->socket, n);
	b->left -= n;
	c->paced += n;
	if (!b->left) {
		connection_enter(c, WAIT);
	} else if (c->paced >= STREAM_PACE) {
		c->paced = 0;
		connection_enter(c, STREAM);
	}
	if (b->left && socket_length(&c->socket) < STREAM_MAX_BYTES && !c->has_ended)
		socket_read(&c->socket, true);
	return n;
}

void stream_open(struct connection *c, struct arena *memory)
{
	struct body *b = arena_alloc(memory, sizeof(*b));

	b->left = c->admission.length;
	b->read = read_stream;
	b->from = c;
	c->admission.request->stream = b;
	c->stream = b;
	c->paced = 0;
	if (c->admission.wants_continue && socket_length(&c->socket) == 0)
		c->is_broken = !socket_send(&c->socket, &respond_continue, 1);
}
