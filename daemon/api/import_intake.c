/*
 * One batch is one call of the ledger, and while it is away the next is gathered,
 * so memory does not grow with the file and a slow ledger holds the sender back.
 * What was taken under the same name before is passed over, once it has proved to
 * be the same file (import_known.c).
 * What comes after an import was stopped is read, and thrown away: a client that
 * sends everything before it reads would else wait for us while we wait for it.
 * Only when its time is over it is answered at once.
 */
#include "daemon/api/import_intake.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/api/answering.h"
#include "daemon/api/app.h"
#include "daemon/api/import_kinds.h"
#include "daemon/api/import_receipts.h"
#include "daemon/api/refused_rows.h"
#include "daemon/base/clock.h"
#include "daemon/log/log.h"

void intake_release(struct intake *in)
{
	assert(!in->is_away);
	rows_free(in->rows);
	import_batch_free(in->gathering);
	import_batch_free(in->sent);
	buf_free(&in->page);
	buf_free(&in->said);
	import_known_free(&in->known);
	receipts_free(in->receipts);
	refused_rows_free(in->refused);
	buf_wipe(&in->rows_page);
	buf_free(&in->rows_page);
}

void intake_without_room(struct flow *f, struct intake *in, const char *slug)
{
	log_event(LOG_LEVEL_ERROR, "import.no-room", "why", strerror(errno), "dir",
	    flow_app(f)->imports.dir, NULL);
	in->refusal = slug;
}

enum next intake_refuse(struct flow *f, const struct intake *in)
{
	bool is_said = in->is_unreadable && in->faults.n;

	return flow_refuse(f, in->refusal, is_said ? &in->faults : NULL, NULL);
}

/* The last batch of an earlier run is called again as it was: its receipts were not written. */
static bool is_full(const struct intake *in)
{
	const struct import_known *k = &in->known;

	return in->holds_record || import_batch_is_full(in->gathering) ||
	       (k->pass_upto < k->upto && import_batch_records(in->gathering) &&
		   in->from + import_batch_records(in->gathering) == k->upto);
}

/* Refused lines, receipts: has it had as many as one import may have? */
static bool has_had_enough(struct flow *f, const struct intake *in)
{
	const struct import_limits *limits = &flow_app(f)->imports;
	size_t refused = in->n_refused + import_batch_refused(in->gathering);

	if (import_batch_records(in->sent))
		refused += import_batch_refused(in->sent);
	return refused > (size_t)limits->refusals ||
	       receipts_bytes(in->receipts) > (size_t)limits->receipts_bytes;
}

/* What the record at hand says, where rows are kept. */
static const struct buf *kept_of(const struct intake *in)
{
	return in->refused && !rows_are_misread(in->rows) ? &in->said : NULL;
}

/* False: it does not fit into this batch. */
static bool take_record(struct flow *f, struct intake *in)
{
	const struct import_reading reading = { f, &in->codec, in->kind, in->employer, 0 };

	in->faults.n = 0;
	if (!import_batch_take(in->gathering, in->rows, &in->record, kept_of(in), &reading))
		return false;
	memcpy(in->taken, in->known.now, sizeof(in->taken));
	return true;
}

static void refuse_record(struct intake *in)
{
	import_batch_refuse(in->gathering, &in->record, kept_of(in), &in->faults);
	memcpy(in->taken, in->known.now, sizeof(in->taken));
}

/* It was taken before, or is another file's. */
static bool is_passed_over(struct flow *f, struct intake *in)
{
	buf_clear(&in->said);
	rows_said(in->rows, &in->said);
	return import_known_pass(&in->known, f, in->said.data, in->said.len);
}

/* What comes next of what has come; ROWS_MORE: it is not whole yet. */
static enum rows_step next_row(struct intake *in, struct body *body)
{
	enum rows_step step;

	while ((step = rows_next(in->rows, &in->codec, &in->record)) == ROWS_MORE) {
		if (in->is_all)
			return ROWS_MORE;
		if (in->chunk_at == in->chunk_len) {
			in->chunk_at = 0;
			in->chunk_len = body->read(body, in->chunk, sizeof(in->chunk));
			if (!in->chunk_len && (body->left || body->is_cut))
				return ROWS_MORE;
		}
		in->chunk_at += rows_put(in->rows, in->chunk + in->chunk_at,
		    in->chunk_len - in->chunk_at, !body->left);
		in->is_all = !body->left && in->chunk_at == in->chunk_len;
	}
	in->is_read = step == ROWS_END || step == ROWS_BAD_FILE;
	if (step != ROWS_END)
		in->n_in_records += in->record.lines;
	return step;
}

/* What comes after it was stopped. */
static void throw_away(struct intake *in, struct body *body)
{
	in->holds_record = false;
	in->chunk_at = in->chunk_len = 0;
	while (body->read(body, in->chunk, sizeof(in->chunk)) > 0)
		continue;
}

/* Fills the batch from what has come.  False: the file cannot be read, from its beginning. */
static bool gather(struct flow *f, struct intake *in, struct body *body)
{
	in->codec.arena = import_batch_memory(in->gathering);
	if (in->holds_record && !import_batch_records(in->gathering)) {
		in->holds_record = false;
		take_record(f, in);
	}
	while (!in->is_stopped && !in->is_read && !in->known.is_other && !is_full(in)) {
		switch (next_row(in, body)) {
		case ROWS_MORE:
			return true;
		case ROWS_END:
			import_known_end(&in->known);
			continue;
		case ROWS_BAD_FILE:
			if (!in->has_rows)
				return false;
			in->is_stopped = true;
			if (!is_passed_over(f, in))
				refuse_record(in);
			if (in->faults.n) /* it is not we who could not read it */
				import_known_end(&in->known);
			break;
		case ROWS_REFUSED:
			in->has_rows = true;
			if (!is_passed_over(f, in))
				refuse_record(in);
			break;
		case ROWS_RECORD:
			in->has_rows = true;
			if (!is_passed_over(f, in))
				in->holds_record = !take_record(f, in);
			break;
		}
		in->is_stopped =
		    in->is_stopped || (!in->known.is_over && in->known.n >= in->known.upto &&
					  has_had_enough(f, in));
	}
	if (in->is_stopped)
		throw_away(in, body);
	return true;
}

static void wake(struct intake *in)
{
	struct done waits = in->waits;

	in->waits = (struct done){ 0 };
	if (waits.fn)
		done_call(waits, OK);
}

static void on_more(void *arg, enum status st)
{
	(void)st;
	wake(arg);
}

static void on_batch(void *arg, enum status st)
{
	struct intake *in = arg;

	in->is_away = false;
	in->fate = st;
	wake(in);
}

static void send_batch(struct flow *f, struct intake *in)
{
	struct import_batch *b = in->gathering;

	in->gathering = in->sent;
	in->sent = b;
	import_batch_empty(in->gathering);
	in->is_away = true;
	import_batch_send(f, b, in->run, in->from, in->taken, (struct done){ on_batch, in });
	in->from += import_batch_records(b);
}

/* The batch has come back: its receipts.  STEP_DONE: the ledger did not take it, and that is
 * answered. */
static enum next settle_batch(struct flow *f, struct intake *in)
{
	const char *position;

	if (in->fate != OK)
		return flow_refuse(f, problem_of_status(in->fate), NULL, NULL);
	buf_clear(&in->page);
	buf_wipe(&in->rows_page);
	if (import_batch_settle(f, in->sent, &in->page, &in->rows_page, &position) == STEP_DONE)
		return STEP_DONE;
	if (position[0])
		snprintf(in->position, sizeof(in->position), "%s", position);
	/* Rows first: a receipt says that they are there. */
	if (!refused_rows_keep(in->refused, &in->rows_page) ||
	    !receipts_put(in->receipts, in->page.data, in->page.len)) {
		intake_without_room(f, in, "outcome-unknown");
		return STEP_NEXT;
	}
	in->n_refused += import_batch_refused(in->sent);
	import_batch_tally(in->sent, &in->tally);
	in->is_stopped = in->is_stopped || has_had_enough(f, in);
	return STEP_NEXT;
}

/* Of this file nothing more is taken. */
static void give_up(struct flow *f, struct intake *in)
{
	if (in->known.is_other)
		in->refusal = "idempotency-mismatch";
	else if (in->faults.n)
		in->refusal = "validation-failed";
	else
		intake_without_room(f, in, "outcome-unknown");
}

enum next intake_take(struct flow *f, struct intake *in)
{
	struct body *body = flow_request(f)->stream;
	bool ended, is_late, is_refused;

	do {
		if (!in->is_away && import_batch_records(in->sent)) {
			if (settle_batch(f, in) == STEP_DONE)
				return STEP_DONE;
		}
		if (in->refusal)
			return STEP_NEXT;
		is_late = clock_ms() >= in->until_ms;
		in->is_stopped = in->is_stopped || is_late;
		if (!body->is_cut && !in->is_unreadable)
			in->is_unreadable = !gather(f, in, body);
		is_refused = in->is_unreadable || in->known.is_other;
		/* Not before what is away has come back: it is told where its batch is. */
		if (is_refused && !in->is_away)
			give_up(f, in);
		/* Half of what was sent before is no batch. */
		if (in->is_stopped && in->known.pass_upto < in->known.upto && !in->known.is_met)
			in->refusal = "deadline";
		if (in->refusal)
			return STEP_NEXT;
		ended = body->is_cut || is_late || is_refused ||
			(!in->holds_record && in->is_read) || (in->is_stopped && !body->left);
		if (in->is_away)
			break;
		if (!body->is_cut && import_batch_records(in->gathering) &&
		    (ended || is_full(in)))
			send_batch(f, in);
		else if (ended)
			return STEP_NEXT;
		else
			break;
	} while (true);
	/* All bytes are here, and what is left is long: others first. */
	if (!in->is_away && in->is_all && !ended)
		return flow_yield(f);
	in->waits = flow_resume(f);
	if (!ended && !is_full(in))
		body->arrived = (struct done){ on_more, in };
	return STEP_WAIT;
}
