/*
 * Reading api.reply: one answer, then changes and sealed fields.
 *
 * It copies, because the rows go when the call is over.  It does not look into
 * bodies, but for one thing: a refusal's members lose their braces, since they
 * become part of a larger object.
 */
#include "daemon/ledger/read_reply.h"

#include <ctype.h>
#include <string.h>

#include "daemon/base/arena.h"
#include "daemon/ledger/rows.h"

enum { KIND, STATUS, CODE, BODY, ID, VERSION, RECORD, LABEL };

/* "{ "a": 1 }" -> ""a": 1", and "{}" or nothing -> "". */
static const char *members_of(struct arena *a, const char *object)
{
	size_t n = strlen(object);

	while (n && isspace((unsigned char)object[n - 1]))
		n--;
	while (n && isspace((unsigned char)*object)) {
		object++;
		n--;
	}
	if (n < 2 || object[0] != '{' || object[n - 1] != '}')
		return "";
	object++;
	n -= 2;
	while (n && isspace((unsigned char)object[n - 1]))
		n--;
	while (n && isspace((unsigned char)*object)) {
		object++;
		n--;
	}
	return arena_strndup(a, object, n);
}

static void read_answer(const PGresult *rows, int i, struct arena *a, struct reply *out)
{
	const char *body = row_text(rows, i, BODY);
	const char *label = row_text(rows, i, LABEL);

	out->status = row_i32(rows, i, STATUS);
	out->code = arena_strdup(a, row_text(rows, i, CODE));
	out->body = out->status >= 400 ? members_of(a, body) : arena_strdup(a, body);
	out->replayed = strcmp(label, "replayed") == 0;
	out->next = arena_strdup(a, label[0] == '\x1f' ? label : "");
	out->position = "";
	if (row_has(rows, i, ID) && row_has(rows, i, VERSION))
		out->position = arena_printf(a, "%lld.%lld", (long long)row_i64(rows, i, ID),
		    (long long)row_i64(rows, i, VERSION));
}

static void read_change(const PGresult *rows, int i, struct arena *a, struct reply *out)
{
	out->changes[out->n_changes++] = (struct change){
		.entity = row_char(rows, i, KIND),
		.id = (uint64_t)row_i64(rows, i, ID),
		.version = (uint64_t)row_i64(rows, i, VERSION),
		.record = row_blob(rows, i, RECORD, a),
		.label = arena_strdup(a, row_text(rows, i, LABEL)),
	};
}

static void read_sealed(const PGresult *rows, int i, struct arena *a, struct reply *out)
{
	out->sealed[out->n_sealed++] = (struct sealed_field){
		.column = arena_strdup(a, row_text(rows, i, LABEL)),
		.row = (uint64_t)row_i64(rows, i, ID),
		.bytes = row_blob(rows, i, RECORD, a),
	};
}

bool reply_read(const PGresult *rows, struct arena *a, struct reply *out)
{
	int n = PQntuples(rows), answers = 0;

	*out = (struct reply){ 0 };
	if (!rows_are(rows, "cittqqbt"))
		return false;
	out->changes = arena_alloc(a, (size_t)n * sizeof(*out->changes));
	for (int i = 0; i < n; i++) {
		switch (row_char(rows, i, KIND)) {
		case 'a':
			read_answer(rows, i, a, out);
			answers++;
			break;
		case 'v':
		case 's':
			read_change(rows, i, a, out);
			break;
		case 'x':
			if (out->n_sealed == REPLY_MAX_SEALED)
				return false;
			read_sealed(rows, i, a, out);
			break;
		default:
			return false;
		}
	}
	return answers == 1 && out->status >= 200 && out->status < 600;
}
