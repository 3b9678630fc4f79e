/*
 * Folding: what people type for the same character, made one before it is read.
 *
 * One table for all columns of all files and for the codes of JSON: forms of full
 * width, blanks of every kind, characters that nobody sees, signs that look alike.
 * Texts for people (a title, duties) keep their own punctuation and lose only blanks.
 */
#ifndef DAEMON_SHEET_FOLD_H
#define DAEMON_SHEET_FOLD_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* A code, number or word of a list: all of it, blanks around it gone and those inside one
 * each.  The text itself when there is nothing to fold. */
const char *fold(struct arena *a, const char *text);
/* A text for people: blanks around it gone, those inside a space each, what nobody sees gone.
 * Line ends stay. */
const char *fold_blanks(struct arena *a, const char *text);
/* Whether they are alike but for case. */
bool fold_same_but_case(const char *x, const char *y);

#endif
