/*
 * A part of a workbook through expat, piece by piece.
 *
 * Expat looks again at a tag that is not yet whole each time more of it comes; one that is
 * longer than TAG_MAX is none of a spreadsheet.
 */
#include "daemon/sheet/xlsx_xml.h"

#include <expat.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/oom.h"
#include "daemon/sheet/kinds.h"
#include "daemon/sheet/xlsx_zip.h"

#define PIECE     32768
#define TAG_MAX   262144
#define DEPTH_MAX 64

struct xlsx_xml {
	XML_Parser parser;
	struct xlsx_entry *entry;
	const struct xlsx_handlers *handlers;
	void *arg;
	int depth;
	int64_t fed;
	bool is_last, is_held, is_refused;
	struct sheet_fault fault;
};

static const char *local(const char *name)
{
	const char *colon = strchr(name, ':');

	return colon ? colon + 1 : name;
}

static void on_start(void *arg, const XML_Char *name, const XML_Char **attributes)
{
	struct xlsx_xml *x = arg;

	if (++x->depth > DEPTH_MAX)
		xlsx_xml_refuse(x, "sheet-broken", "too deep", ".xlsx");
	else if (x->handlers->start && !x->is_refused)
		x->handlers->start(x->arg, x->depth, local(name), attributes);
}

static void on_end(void *arg, const XML_Char *name)
{
	struct xlsx_xml *x = arg;

	if (x->handlers->end && !x->is_refused)
		x->handlers->end(x->arg, x->depth, local(name));
	x->depth--;
}

static void on_text(void *arg, const XML_Char *text, int n)
{
	struct xlsx_xml *x = arg;

	if (!x->is_refused)
		x->handlers->text(x->arg, x->depth, text, (size_t)n);
}

static void on_doctype(void *arg, const XML_Char *name, const XML_Char *system,
    const XML_Char *public, int has_subset)
{
	(void)system;
	(void)public;
	(void)has_subset;
	xlsx_xml_refuse(arg, "sheet-broken", "<!DOCTYPE>", ".xlsx");
	(void)name;
}

struct xlsx_xml *xlsx_xml_new(struct xlsx_entry *entry, const struct xlsx_handlers *handlers,
    void *arg)
{
	struct xlsx_xml *x = must_alloc(sizeof(*x));

	x->parser = XML_ParserCreate(NULL);
	if (!x->parser)
		abort(); /* out of memory */
	x->entry = entry;
	x->handlers = handlers;
	x->arg = arg;
	XML_SetUserData(x->parser, x);
	XML_SetElementHandler(x->parser, on_start, on_end);
	if (handlers->text)
		XML_SetCharacterDataHandler(x->parser, on_text);
	XML_SetStartDoctypeDeclHandler(x->parser, on_doctype);
	return x;
}

void xlsx_xml_free(struct xlsx_xml *x)
{
	if (!x)
		return;
	XML_ParserFree(x->parser);
	xlsx_entry_close(x->entry);
	free(x);
}

void xlsx_xml_hold(struct xlsx_xml *x)
{
	x->is_held = true;
	if (!x->is_refused)
		XML_StopParser(x->parser, XML_TRUE);
}

void xlsx_xml_refuse(struct xlsx_xml *x, const char *rule, const char *found,
    const char *expected)
{
	if (x->is_refused)
		return;
	x->is_refused = true;
	sheet_fault_set(&x->fault, rule, found, expected);
	XML_StopParser(x->parser, XML_FALSE);
}

static enum xlsx_step judge(struct xlsx_xml *x, enum XML_Status status, struct sheet_fault *why)
{
	if (x->is_refused) {
		*why = x->fault;
		return XLSX_BROKEN;
	}
	if (status == XML_STATUS_ERROR) {
		sheet_fault_set(why, "sheet-broken",
		    XML_ErrorString(XML_GetErrorCode(x->parser)), ".xlsx");
		return XLSX_BROKEN;
	}
	if (status == XML_STATUS_SUSPENDED)
		return XLSX_HELD;
	if (x->is_last)
		return XLSX_END;
	if (x->fed - XML_GetCurrentByteIndex(x->parser) > TAG_MAX) {
		sheet_fault_set(why, "sheet-broken", "a tag without end", ".xlsx");
		return XLSX_BROKEN;
	}
	return XLSX_MORE;
}

enum xlsx_step xlsx_xml_read(struct xlsx_xml *x, struct sheet_fault *why)
{
	void *room;
	int n;

	if (x->is_held) {
		x->is_held = false;
		return judge(x, XML_ResumeParser(x->parser), why);
	}
	room = XML_GetBuffer(x->parser, PIECE);
	if (!room)
		abort(); /* out of memory */
	n = xlsx_entry_read(x->entry, room, PIECE, why);
	if (n < 0)
		return XLSX_BROKEN;
	x->fed += n;
	x->is_last = n == 0;
	return judge(x, XML_ParseBuffer(x->parser, n, x->is_last), why);
}

const char *xlsx_attribute(const char **attributes, const char *name)
{
	for (; *attributes; attributes += 2)
		if (strcmp(local(attributes[0]), name) == 0)
			return attributes[1];
	return NULL;
}
