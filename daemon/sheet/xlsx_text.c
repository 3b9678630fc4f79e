/*
 * Putting a text of a workbook together.
 */
#include "daemon/sheet/xlsx_text.h"

#include <string.h>

#include "daemon/sheet/xlsx_numbers.h"
#include "daemon/sheet/xlsx_xml.h"

void xlsx_text_begin(struct xlsx_text *t)
{
	buf_clear(&t->text);
	t->passed_over = 0;
	t->is_run = false;
}

void xlsx_text_start(struct xlsx_text *t, int depth, const char *name, const char **attributes)
{
	const char *space;

	if (t->passed_over)
		return;
	if (strcmp(name, "rPh") == 0) {
		t->passed_over = depth;
	} else if (strcmp(name, "t") == 0) {
		space = xlsx_attribute(attributes, "space");
		t->is_run = true;
		t->keeps_blanks = space && strcmp(space, "preserve") == 0;
		t->from = t->text.len;
	}
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

static void trim(struct xlsx_text *t)
{
	size_t first = t->from, last = t->text.len;

	while (first < last && is_blank(t->text.data[first]))
		first++;
	while (last > first && is_blank(t->text.data[last - 1]))
		last--;
	if (first > t->from)
		memmove(t->text.data + t->from, t->text.data + first, last - first);
	if (t->text.len)
		buf_upto(&t->text, t->text.data + t->from + (last - first));
}

void xlsx_text_end(struct xlsx_text *t, int depth, const char *name)
{
	if (t->passed_over) {
		if (t->passed_over == depth)
			t->passed_over = 0;
		return;
	}
	if (strcmp(name, "t") != 0)
		return;
	if (!t->keeps_blanks)
		trim(t);
	t->is_run = false;
}

void xlsx_text_put(struct xlsx_text *t, const char *bytes, size_t n)
{
	size_t room = t->text.len > t->most ? 0 : t->most + 1 - t->text.len;

	if (t->is_run && !t->passed_over)
		buf_put(&t->text, bytes, n < room ? n : room);
}

void xlsx_text_finish(struct xlsx_text *t)
{
	if (t->text.len && t->text.len <= t->most)
		buf_upto(&t->text, t->text.data + xlsx_unescape(t->text.data, t->text.len));
}
