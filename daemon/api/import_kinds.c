/*
 * What a record of each kind of import is.
 *
 * Sealed members are sealed here as the single call seals them, and never stand in
 * what a receipt says of a record.
 */
#include "daemon/api/import_kinds.h"

#include <string.h>

#include "daemon/api/app.h"
#include "daemon/api/blind_index.h"
#include "daemon/api/sealing.h"
#include "daemon/base/arena.h"
#include "daemon/base/buf.h"
#include "daemon/base/count.h"
#include "daemon/base/hash.h"
#include "daemon/base/hex.h"
#include "daemon/codec/entry_body.h"
#include "daemon/codec/household.h"
#include "daemon/codec/ledger_answer.h"
#include "daemon/codec/path_ids.h"
#include "daemon/codec/placement.h"
#include "daemon/codec/rows.h"
#include "daemon/codec/seeker.h"
#include "daemon/codec/single_line.h"
#include "daemon/flow/flow.h"
#include "daemon/tables/registers.h"
#include "daemon/vault/vault.h"

/* A string member of an object that is open; NULL is left out. */
static void put(struct buf *b, const char *name, const char *text)
{
	if (!text)
		return;
	buf_key(b, name);
	buf_json(b, text);
}

static const char *about_line(const struct import_reading *r, const struct single_line *l)
{
	struct buf b = { 0 };

	put(&b, "employer", l->employer);
	put(&b, "district", l->district[0] ? l->district : NULL);
	put(&b, "quarter", l->quarter);
	put(&b, "ref", l->line.ref);
	return buf_to_arena(r->codec->arena, &b);
}

/* The ledger takes each vacancy once in a batch, and counts the posts of one approval at a
 * time. */
static bool read_return_line(const struct import_reading *r, const struct rows *rows,
    struct import_record *out)
{
	struct arena *a = r->codec->arena;
	struct buf b = { 0 };
	struct single_line l;
	enum read_result result = codec_read_single_line(r->codec, rows, r->employer, &l);

	out->about = about_line(r, &l);
	if (result != READ_OK)
		return false;
	codec_write_single_line(&b, r->n, &l,
	    seal_hex_in(r->f, a, "vacancy", "contact",
		vacancy_row(a, l.employer, l.district, l.line.ref), l.line.interview_contact),
	    contact_key_in(r->f, a, l.line.interview_contact));
	out->coded = buf_to_arena(a, &b);
	out->thing =
	    hash_text(HASH_BEGIN, arena_printf(a, "%.9s", codec_organisation(l.employer)));
	out->thing = hash_text(hash_text(out->thing, l.district), l.line.ref);
	out->is_counted = l.line.reserved;
	return true;
}

/* What a record says, told from any other without telling it. */
static const char *hash_of(const struct import_reading *r, const char *said)
{
	uint8_t hash[32];

	keyed_hash(r->f, said, strlen(said), hash);
	return hex_text(r->codec->arena, hash, sizeof(hash));
}

static const char *all_of(const struct import_reading *r, const struct filed_seeker *s)
{
	return arena_printf(r->codec->arena, "%s\n%s\n%s\n%s\n%s", s->citizen, s->name,
	    s->telephone ? s->telephone : "", s->address ? s->address : "", s->coded);
}

static const char *blind_in(void *reading, const char *citizen)
{
	const struct import_reading *r = reading;
	uint8_t blind[BLIND_LEN];

	vault_blind(flow_app(r->f)->vault, citizen, blind);
	return hex_text(r->codec->arena, blind, sizeof(blind));
}

static bool read_seeker(const struct import_reading *r, const struct rows *rows,
    struct import_record *out)
{
	struct arena *a = r->codec->arena;
	struct filed_seeker s;
	uint8_t blind[BLIND_LEN];
	struct buf b = { 0 };
	const char *row;

	if (codec_read_seeker_row(r->codec, rows, &s) != READ_OK)
		return false;
	const struct text_member blinds[] = {
		{ "name_blind", blind_name(r->f, a, s.name) },
		{ "phone_blind", blind_telephone(r->f, a, s.telephone) },
		{ "address_blind", blind_address(r->f, a, s.address) },
	};

	row = person_row(a, vault_random_id());
	vault_blind(flow_app(r->f)->vault, s.citizen, blind);
	buf_printf(&b, "{\"n\":%zu", r->n);
	put(&b, "hash", hash_of(r, all_of(r, &s)));
	put(&b, "id", row);
	put(&b, "blind", hex_text(a, blind, sizeof(blind)));
	put(&b, "citizen", seal_hex_in(r->f, a, "person", "citizen", row, s.citizen));
	put(&b, "name", seal_hex_in(r->f, a, "person", "name", row, s.name));
	put(&b, "phone", seal_hex_in(r->f, a, "person", "phone", row, s.telephone));
	put(&b, "address", seal_hex_in(r->f, a, "person", "address", row, s.address));
	buf_key(&b, "body");
	buf_puts(&b, codec_with_members(a, s.coded, blinds, COUNT(blinds)));
	buf_putc(&b, '}');
	out->coded = buf_to_arena(a, &b);
	return true;
}

/* One coded text: what the single call takes, but that people may be named by their number. */
static bool read_coded(const struct import_reading *r, const struct rows *rows,
    struct import_record *out)
{
	struct codec codec = *r->codec;
	struct import_reading here = *r;
	const char *coded = NULL;
	struct buf b = { 0 };

	codec.registry = r->kind->of;
	codec.blind = blind_in;
	codec.blind_arg = &here;
	if (codec_read_row(&codec, r->kind->body, rows, &coded) != READ_OK)
		return false;
	buf_printf(&b, "{\"n\":%zu", r->n);
	put(&b, "hash", hash_of(r, coded));
	buf_key(&b, "body");
	buf_puts(&b, coded);
	buf_putc(&b, '}');
	out->coded = buf_to_arena(r->codec->arena, &b);
	return true;
}

static const struct import_kind kinds[] = {
	{ "returns", read_return_line },
	{ "seekers", read_seeker },
	{ "households", read_coded, household_body, .at_once = 10 },
	{ "placements", read_coded, placement_body },
};

bool import_kind_named(const char *name, struct import_kind *out)
{
	for (size_t i = 0; i < COUNT(kinds); i++) {
		if (strcmp(kinds[i].name, name) == 0) {
			*out = kinds[i];
			return true;
		}
	}
	for (size_t i = 0; i < n_registers; i++) {
		const struct registry *r = &registers[i];

		if (r->plural && strcmp(r->plural, name) == 0) {
			*out = (struct import_kind){ r->plural, read_coded, entry_body, r };
			return true;
		}
	}
	return false;
}

const char *import_kind_names(struct flow *f)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < COUNT(kinds); i++) {
		buf_puts(&b, i ? ", " : "");
		buf_puts(&b, kinds[i].name);
	}
	for (size_t i = 0; i < n_registers; i++) {
		buf_puts(&b, registers[i].plural ? ", " : "");
		buf_puts(&b, registers[i].plural ? registers[i].plural : "");
	}
	return buf_to_arena(flow_arena(f), &b);
}
