/*
 * One part of a workbook, as XML: elements without their prefixes, within bounds.
 *
 * A document type is refused, and so every entity that is not of XML itself; so are elements in
 * elements without end and tags without end.
 */
#ifndef DAEMON_SHEET_XLSX_XML_H
#define DAEMON_SHEET_XLSX_XML_H

#include <stdbool.h>
#include <stddef.h>

struct sheet_fault;
struct xlsx_entry;
struct xlsx_xml;

/* The outermost element has depth 1.  Attributes: name, value, …, NULL; names with prefix. */
struct xlsx_handlers {
	void (*start)(void *arg, int depth, const char *name, const char **attributes);
	void (*end)(void *arg, int depth, const char *name);
	void (*text)(void *arg, int depth, const char *text, size_t n);
};

enum xlsx_step { XLSX_MORE, XLSX_HELD, XLSX_END, XLSX_BROKEN };

/* Takes the entry. */
struct xlsx_xml *xlsx_xml_new(struct xlsx_entry *entry, const struct xlsx_handlers *handlers,
    void *arg);
void xlsx_xml_free(struct xlsx_xml *x); /* NULL is fine */
/* Reads on, one piece at most.  XLSX_HELD: a handler asked for that. */
enum xlsx_step xlsx_xml_read(struct xlsx_xml *x, struct sheet_fault *why);
/* For handlers: stop here, and go on from here. */
void xlsx_xml_hold(struct xlsx_xml *x);
/* For handlers: this cannot be read. */
void xlsx_xml_refuse(struct xlsx_xml *x, const char *rule, const char *found,
    const char *expected);

/* The value of an attribute by its name without prefix, or NULL. */
const char *xlsx_attribute(const char **attributes, const char *name);

#endif
