/*
 * The shared strings of a workbook: one file with their texts, one with where each ends.
 *
 * Most files number strings as they come first, so a reader that goes on finds the next ones in
 * the pages that are kept.
 */
#include "daemon/sheet/xlsx_strings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/oom.h"
#include "daemon/sheet/kinds.h"
#include "daemon/sheet/paged.h"
#include "daemon/sheet/xlsx_text.h"
#include "daemon/sheet/xlsx_zip.h"

struct xlsx_strings {
	struct xlsx_xml *xml;
	const struct sheet_limits *limits;
	struct xlsx_text text;
	struct paged *texts, *ends; /* ends: one uint64_t a string */
	uint64_t n;
	bool is_full; /* the disk */
};

static void on_start(void *arg, int depth, const char *name, const char **attributes)
{
	struct xlsx_strings *s = arg;

	if (depth == 2)
		xlsx_text_begin(&s->text);
	else if (depth > 2)
		xlsx_text_start(&s->text, depth, name, attributes);
}

static void on_text(void *arg, int depth, const char *bytes, size_t n)
{
	struct xlsx_strings *s = arg;

	if (depth > 2)
		xlsx_text_put(&s->text, bytes, n);
}

static void add(struct xlsx_strings *s)
{
	const struct buf *text = &s->text.text;
	uint64_t end = paged_size(s->texts) + text->len;
	char most[48];

	if (s->n == s->limits->strings) {
		snprintf(most, sizeof(most), "<= %zu", s->limits->strings);
		xlsx_xml_refuse(s->xml, "sheet-size", "shared strings", most);
		return;
	}
	s->n++;
	if (paged_add(s->texts, text->data, text->len) && paged_add(s->ends, &end, sizeof(end)))
		return;
	s->is_full = true;
	xlsx_xml_refuse(s->xml, "sheet-broken", "", "");
}

static void on_end(void *arg, int depth, const char *name)
{
	struct xlsx_strings *s = arg;

	if (depth > 2)
		xlsx_text_end(&s->text, depth, name);
	if (depth != 2 || strcmp(name, "si") != 0)
		return;
	xlsx_text_finish(&s->text);
	add(s);
}

struct xlsx_strings *xlsx_strings_new(struct xlsx_entry *entry,
    const struct sheet_limits *limits)
{
	static const struct xlsx_handlers handlers = { on_start, on_end, on_text };
	struct xlsx_strings *s = must_alloc(sizeof(*s));

	s->xml = xlsx_xml_new(entry, &handlers, s);
	s->limits = limits;
	s->text.most = limits->cell_bytes;
	s->texts = paged_new(limits->dir);
	s->ends = paged_new(limits->dir);
	if (s->texts && s->ends)
		return s;
	xlsx_strings_free(s);
	return NULL;
}

void xlsx_strings_free(struct xlsx_strings *s)
{
	if (!s)
		return;
	xlsx_xml_free(s->xml);
	buf_free(&s->text.text);
	paged_free(s->texts);
	paged_free(s->ends);
	free(s);
}

enum xlsx_step xlsx_strings_read(struct xlsx_strings *s, struct sheet_fault *why)
{
	enum xlsx_step step = xlsx_xml_read(s->xml, why);

	if (s->is_full)
		*why = (struct sheet_fault){ 0 };
	return step;
}

bool xlsx_strings_get(struct xlsx_strings *s, uint64_t number, struct buf *out)
{
	uint64_t between[2] = { 0 };
	size_t n;
	char *room;

	if (number >= s->n)
		return false;
	if (number == 0 ? !paged_read(s->ends, 0, &between[1], sizeof(between[1]))
			: !paged_read(s->ends, (number - 1) * sizeof(between[0]), between,
			      sizeof(between)))
		return false;
	n = (size_t)(between[1] - between[0]);
	room = buf_room(out, n);
	if (!paged_read(s->texts, between[0], room, n))
		return false;
	buf_upto(out, room + n);
	return true;
}
