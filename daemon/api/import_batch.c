/*
 * A batch of an import: records for the ledger, between those that are refused
 * here.
 *
 * It keeps its own memory, so that one can be gathered while another is away,
 * and a file of any length needs two.  What a refused record is answered is
 * whole at once, what another is answered only begins here; the ledger says how
 * it ends.  What a record is, its kind knows.
 */
#include "daemon/api/import_batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "daemon/api/answering.h"
#include "daemon/api/ask.h"
#include "daemon/api/import_kinds.h"
#include "daemon/api/refused_rows.h"
#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/base/hex.h"
#include "daemon/base/oom.h"
#include "daemon/codec/codec.h"
#include "daemon/codec/rows.h"
#include "daemon/codec/writers.h"

#define SENT_MAX    500
#define RECORDS_MAX 1000 /* refused ones too */

/* What a record is answered with: a whole receipt, or the beginning of one whose end the ledger
 * says. */
struct entry {
	const char *text;
	bool is_sent, is_refused;
	struct row_place place;
	const char *said; /* what the rows of it say: for a sheet to mend; NULL: not kept */
	size_t n_said;
};

struct import_batch {
	const struct import_kind *kind;
	enum lang lang; /* the reader's */
	struct arena *memory;
	struct buf list;
	size_t n_sent, n_records, refused;
	struct import_tally tally;
	struct entry entries[RECORDS_MAX];
	uint64_t things[RECORDS_MAX]; /* each stands once in a batch */
	bool is_repeat;
	bool has_counted;
	uint64_t last_line;
	struct ask ask;
	char from[24], last[24], refusals[24], digest[65];
};

struct import_batch *import_batch_new(const struct import_kind *kind, enum lang lang)
{
	struct import_batch *b = must_alloc(sizeof(*b));

	b->kind = kind;
	b->lang = lang;
	b->memory = arena_new();
	return b;
}

void import_batch_free(struct import_batch *b)
{
	if (!b)
		return;
	arena_free(b->memory);
	buf_free(&b->list);
	free(b);
}

void import_batch_empty(struct import_batch *b)
{
	arena_free(b->memory);
	b->memory = arena_new();
	buf_clear(&b->list);
	b->n_sent = b->n_records = b->refused = 0;
	b->has_counted = b->is_repeat = false;
	b->tally = (struct import_tally){ 0 };
	b->ask = (struct ask){ 0 };
}

void import_batch_repeat(struct import_batch *b)
{
	b->is_repeat = true;
}

size_t import_batch_records(const struct import_batch *b)
{
	return b->n_records;
}

size_t import_batch_refused(const struct import_batch *b)
{
	return b->is_repeat ? 0 : b->refused;
}

bool import_batch_is_full(const struct import_batch *b)
{
	size_t max = b->kind->at_once ? b->kind->at_once : SENT_MAX;

	return (b->n_sent == max && !b->is_repeat) || b->n_records == RECORDS_MAX;
}

struct arena *import_batch_memory(const struct import_batch *b)
{
	return b->memory;
}

static bool collides(const struct import_batch *b, const struct import_record *r)
{
	if (b->is_repeat)
		return false;
	if (r->is_counted && b->has_counted)
		return true;
	for (size_t k = 0; r->thing && k < b->n_sent; k++)
		if (b->things[k] == r->thing)
			return true;
	return false;
}

static const char *begin_receipt(struct arena *a, const struct row_place *at, const char *about,
    const struct faults *fs, enum lang lang)
{
	struct buf b = { 0 };

	buf_putc(&b, '{');
	buf_key(&b, "line");
	buf_putu(&b, at->line);
	if (at->lines > 1) {
		buf_key(&b, "lines");
		buf_putu(&b, at->lines);
	}
	if (at->sheet)
		write_text(&b, "sheet", at->sheet);
	if (about && *about) {
		buf_comma(&b);
		buf_puts(&b, about);
	}
	if (fs) {
		write_text(&b, "result", "refused");
		faults_write(&b, fs, lang);
		buf_putc(&b, '}');
	}
	return buf_to_arena(a, &b);
}

static void add_entry(struct import_batch *b, const struct row_place *place,
    const struct buf *said, const char *about, const struct faults *why)
{
	struct entry *e = &b->entries[b->n_records++];

	b->last_line = place->line + place->lines - 1;
	b->refused += why != NULL;
	*e = (struct entry){ .text = begin_receipt(b->memory, place, about, why, b->lang),
		.is_sent = !why,
		.is_refused = why,
		.place = *place };
	if (place->sheet)
		e->place.sheet = arena_strdup(b->memory, place->sheet);
	if (said) {
		e->said = arena_memdup(b->memory, said->data ? said->data : "", said->len);
		e->n_said = said->len;
	}
}

bool import_batch_take(struct import_batch *b, const struct rows *rows,
    const struct row_place *place, const struct buf *said, const struct import_reading *reading)
{
	struct import_reading r = *reading;
	struct import_record made = { 0 };
	bool fine;

	r.n = b->n_sent + 1;
	fine = b->kind->read(&r, rows, &made);
	if (fine && collides(b, &made))
		return false;
	if (fine) {
		b->things[b->n_sent++] = made.thing;
		b->has_counted |= made.is_counted;
		buf_comma(&b->list);
		buf_puts(&b->list, made.coded);
	}
	add_entry(b, place, said, made.about, fine ? NULL : r.codec->faults);
	return true;
}

void import_batch_refuse(struct import_batch *b, const struct row_place *place,
    const struct buf *said, const struct faults *why)
{
	add_entry(b, place, said, NULL, why);
}

void import_batch_send(struct flow *f, struct import_batch *b, const char *run, size_t from,
    const uint8_t digest[static 32], struct done done)
{
	struct ask *ask = &b->ask;
	struct buf list = { 0 };
	const char *records;

	buf_putc(&list, '[');
	buf_put(&list, b->list.data ? b->list.data : "", b->list.len);
	buf_putc(&list, ']');
	records = buf_to_arena(b->memory, &list);
	snprintf(b->from, sizeof(b->from), "%zu", from);
	*hex_put(b->digest, digest, 32) = '\0';
	snprintf(b->last, sizeof(b->last), "%llu", (unsigned long long)b->last_line);
	snprintf(b->refusals, sizeof(b->refusals), "%zu", b->refused);
	ask_text(ask, b->kind->name);
	ask_text(ask, flow_request(f)->idempotency_key);
	ask_text(ask, run);
	ask_text(ask, b->from);
	ask_text(ask, records);
	ask_text(ask, b->last);
	ask_text(ask, b->refusals);
	ask_text(ask, b->digest);
	ask_ledger_beside(f, ask, LEDGER_IMPORT_BATCH, b->memory, done);
}

/* The ledger's refusal of a record: faults of its values, or the problem of the single call. */
static void put_refusal(struct flow *f, struct buf *b, json_t *members)
{
	const struct request *r = flow_request(f);
	const char *code = json_string_value(json_object_get(members, "code"));
	const json_t *errors = json_object_get(members, "errors");
	char *text;
	size_t n;

	/* What was not found is a problem, which says where. */
	if (errors && !(code && strcmp(code, "not-found") == 0)) {
		text = json_dumps(errors, JSON_COMPACT);
		buf_key(b, "errors");
		faults_say(b, text ? text : "[]", r->lang);
		free(text);
		return;
	}
	code = problem_kind(code ? code : "internal")->slug;
	json_object_del(members, "code");
	text = json_dumps(members, JSON_COMPACT);
	n = text ? strlen(text) : 0;
	if (n > 1)
		text[n - 1] = '\0';
	buf_key(b, "problem");
	problem_write(b, code, r->lang, r->id, NULL, n > 2 ? text + 1 : NULL);
	free(text);
}

void import_batch_tally(const struct import_batch *b, struct import_tally *to)
{
	to->added += b->tally.added;
	to->changed += b->tally.changed;
	to->unchanged += b->tally.unchanged;
}

/* A closing changes what stood. */
static void count(struct import_tally *tally, const json_t *said)
{
	const char *result = json_string_value(json_array_get(said, 0));

	if (!result)
		return;
	tally->added += strcmp(result, "added") == 0;
	tally->changed += strcmp(result, "changed") == 0 || strcmp(result, "closed") == 0;
	tally->unchanged += strcmp(result, "unchanged") == 0;
}

/* ["added", {"seeker": "..."}] or ["refused", {"code": "not-found"}]; true: it is the latter.
 */
static bool end_receipt(struct flow *f, struct buf *b, const json_t *said)
{
	const char *result = json_string_value(json_array_get(said, 0));
	json_t *members = json_array_get(said, 1), *value;
	bool is_refused = result && strcmp(result, "refused") == 0;
	const char *name;

	write_text(b, "result", result);
	if (is_refused)
		put_refusal(f, b, members);
	else
		json_object_foreach(members, name, value)
		{
			buf_key(b, name);
			write_tree(b, value, JSON_ENCODE_ANY);
		}
	return is_refused;
}

/* False: the ledger's reply has not a receipt for each. */
static bool write_receipts(struct flow *f, struct import_batch *b, struct buf *out)
{
	json_t *tree = json_loads(b->ask.reply.body, 0, NULL);
	const json_t *receipts = json_object_get(tree, "receipts");
	size_t at = 0;
	bool fine = json_array_size(receipts) == b->n_sent;

	for (size_t i = 0; fine && i < b->n_records; i++) {
		buf_puts(out, b->entries[i].text);
		if (b->entries[i].is_sent) {
			count(&b->tally, json_array_get(receipts, at));
			b->entries[i].is_refused =
			    end_receipt(f, out, json_array_get(receipts, at++));
			b->refused += b->entries[i].is_refused;
			buf_putc(out, '}');
		}
		buf_putc(out, '\n');
	}
	json_decref(tree);
	return fine;
}

/* What those said that were refused. */
static void put_refused(const struct import_batch *b, struct buf *out)
{
	for (size_t i = 0; i < b->n_records; i++) {
		const struct entry *e = &b->entries[i];

		if (e->is_refused && e->said)
			refused_row_put(out, &(struct refused_row){ e->place.line,
						 e->place.sheet, e->said, e->n_said });
	}
}

enum next import_batch_settle(struct flow *f, struct import_batch *b, struct buf *receipts,
    struct buf *refused, const char **position)
{
	if (!ask_apply(f, &b->ask))
		return ask_refuse(f, &b->ask);
	*position = b->ask.reply.position;
	if (!write_receipts(f, b, receipts))
		return flow_refuse(f, "internal", NULL, NULL);
	put_refused(b, refused);
	b->n_records = 0;
	return STEP_NEXT;
}
