/*
 * Records as rows of the columns that an import takes (config/data/columns.tsv), so that what
 * is written can be read again; and the empty form of them, with explanations and an example.
 */
#ifndef DAEMON_CODEC_FORM_H
#define DAEMON_CODEC_FORM_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "matcher/model.h"

struct arena;
struct writer;

/* Whether columns of that kind are known. */
bool form_is_known(const char *kind);
/* The kinds whose are: "returns, seekers". */
const char *form_kinds(struct arena *a);
/* The headings, and one record under them: one row, or where rows are grouped one for each of
 * its things.  `has_stars`: behind each that must be filled in. */
void form_write_headings(struct arena *a, struct writer *w, const char *kind, bool is_zh,
    bool has_stars);
void form_write_record(struct writer *w, const char *kind, bool is_zh, json_t *record);
/* The lines of a return as GET answers it, under their headings.  False: it has none. */
bool form_write_lines(struct arena *a, struct writer *w, bool is_zh, const char *body);

/* What the example of a template cannot know by itself. */
struct form_example {
	const char *quarter, *community;
	day_t since, today;
};
/* The arena must stay until writer_end. */
void form_write_template(struct arena *a, struct writer *w, const char *kind, bool is_zh,
    const struct form_example *example);

#endif
