/*
 * A batch of an import: lines for the ledger, between records that are refused
 * here.
 *
 * It keeps its own memory, so that one can be gathered while another is away,
 * and a file of any length needs two.  What a refused record is answered is
 * whole at once, what a line is answered only begins here; the ledger says how
 * it ends.
 */
#include "daemon/api/import_batch.h"

#include <stdio.h>
#include <stdlib.h>

#include "daemon/api/answering.h"
#include "daemon/api/ask.h"
#include "daemon/api/sealing.h"
#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/base/hash.h"
#include "daemon/base/oom.h"
#include "daemon/codec/file_records.h"
#include "daemon/codec/ledger_answer.h"
#include "daemon/codec/single_line.h"

#define LINES_MAX   500
#define RECORDS_MAX 1000 /* refused ones too */

struct import_batch {
	struct arena *memory;
	struct buf lines;
	size_t n_lines, n_records, refused;
	struct receipt_entry entries[RECORDS_MAX];
	uint64_t vacancies[LINES_MAX]; /* hashes: one vacancy stands once in a batch */
	bool has_reserved;
	uint64_t last_line;
	struct ask ask;
	char last[24], refusals[24];
};

struct import_batch *import_batch_new(void)
{
	struct import_batch *b = must_alloc(sizeof(*b));

	b->memory = arena_new();
	return b;
}

void import_batch_free(struct import_batch *b)
{
	if (!b)
		return;
	arena_free(b->memory);
	buf_free(&b->lines);
	free(b);
}

void import_batch_empty(struct import_batch *b)
{
	arena_free(b->memory);
	b->memory = arena_new();
	buf_clear(&b->lines);
	b->n_lines = b->n_records = b->refused = 0;
	b->has_reserved = false;
	b->ask = (struct ask){ 0 };
}

size_t import_batch_records(const struct import_batch *b)
{
	return b->n_records;
}

size_t import_batch_refused(const struct import_batch *b)
{
	return b->refused;
}

bool import_batch_is_full(const struct import_batch *b)
{
	return b->n_lines == LINES_MAX || b->n_records == RECORDS_MAX;
}

struct arena *import_batch_memory(const struct import_batch *b)
{
	return b->memory;
}

static bool collides(const struct import_batch *b, const struct single_line *l,
    uint64_t vacancy)
{
	if (l->line.reserved && b->has_reserved)
		return true;
	for (size_t k = 0; k < b->n_lines; k++)
		if (b->vacancies[k] == vacancy)
			return true;
	return false;
}

static const char *begin_receipt(struct arena *a, uint64_t line, const struct single_line *l,
    const struct faults *fs)
{
	struct buf b = { 0 };

	buf_putc(&b, '{');
	buf_key(&b, "line");
	buf_putu(&b, line);
	for (size_t k = 0; k < 4; k++) {
		static const char *const names[] = { "employer", "district", "quarter", "ref" };
		const char *const values[] = { l->employer, l->district[0] ? l->district : NULL,
			l->quarter, l->line.ref };

		if (values[k]) {
			buf_key(&b, names[k]);
			buf_json(&b, values[k]);
		}
	}
	if (fs) {
		buf_key(&b, "result");
		buf_json(&b, "refused");
		faults_write(&b, fs, LANG_EN);
		buf_putc(&b, '}');
	}
	return buf_to_arena(a, &b);
}

static void take_line(struct flow *f, struct import_batch *b, const struct single_line *l,
    uint64_t vacancy)
{
	b->vacancies[b->n_lines++] = vacancy;
	b->has_reserved |= l->line.reserved;
	codec_write_single_line(&b->lines, b->n_lines, l,
	    seal_hex_in(f, b->memory, "vacancy", "contact",
		vacancy_row(b->memory, l->employer, l->district, l->line.ref),
		l->line.interview_contact),
	    contact_key_in(f, b->memory, l->line.interview_contact));
}

bool import_batch_take(struct flow *f, struct import_batch *b, struct records *record,
    const struct codec *codec, const char *employer)
{
	struct single_line l;
	uint64_t vacancy;
	bool fine = records_read_line(record, codec, employer, &l) == READ_OK;

	if (fine) {
		vacancy = hash_text(HASH_BEGIN, l.employer);
		vacancy = hash_text(hash_text(vacancy, l.district), l.line.ref);
		if (collides(b, &l, vacancy))
			return false;
		take_line(f, b, &l, vacancy);
	} else {
		b->refused++;
	}
	b->last_line = records_line(record);
	b->entries[b->n_records++] = (struct receipt_entry){
		begin_receipt(b->memory, b->last_line, &l, fine ? NULL : codec->faults), fine
	};
	return true;
}

void import_batch_send(struct flow *f, struct import_batch *b, const char *run,
    struct done done)
{
	struct ask *ask = &b->ask;
	struct buf list = { 0 };
	const char *lines;

	buf_putc(&list, '[');
	buf_put(&list, b->lines.data ? b->lines.data : "", b->lines.len);
	buf_putc(&list, ']');
	lines = buf_to_arena(b->memory, &list);
	snprintf(b->last, sizeof(b->last), "%llu", (unsigned long long)b->last_line);
	snprintf(b->refusals, sizeof(b->refusals), "%zu", b->refused);
	ask_text(ask, flow_request(f)->idempotency_key);
	ask_text(ask, run);
	ask_text(ask, lines);
	ask_text(ask, b->last);
	ask_text(ask, b->refusals);
	ask_ledger_beside(f, ask, LEDGER_IMPORT_LINES, b->memory, done);
}

enum next import_batch_settle(struct flow *f, struct import_batch *b, struct buf *receipts,
    const char **position)
{
	size_t by_ledger;

	if (!ask_apply(f, &b->ask))
		return ask_refuse(f, &b->ask);
	*position = b->ask.reply.position;
	if (!codec_write_receipts(receipts, b->ask.reply.body, b->entries, b->n_records,
		&by_ledger))
		return flow_refuse(f, "internal", NULL, NULL);
	b->refused += by_ledger;
	b->n_records = 0;
	return STEP_NEXT;
}
