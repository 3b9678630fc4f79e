/*
 * Identifiers and codes: check digits and well-formedness, pure.
 *
 * Sources: GB 11643-1999 (citizen number, ISO 7064 MOD 11-2), GB 32100-2015
 * (unified social credit code), GB 11714-1997 (organisation code), GB/T 2260,
 * the occupational classification of 2022, GB/T 4658-2006.  Each check says
 * which rule failed, not just no.
 */
#ifndef MATCHER_CODES_H
#define MATCHER_CODES_H

#include "matcher/model.h"

enum code_fault {
	CODE_OK,
	CODE_FORMAT,
	CODE_AREA,
	CODE_DATE,
	CODE_FUTURE,
	CODE_CHECK,
	CODE_SECTION,
	CODE_OTHER_EDITION,
	CODE_UNKNOWN
};

/* A sorted list of six-digit area codes of all editions. */
struct areas {
	size_t n;
	const uint32_t *codes;
};

/* Trim, fold full-width to ASCII, upper-case; if `hyphen`, drop the one customary before
 * the last character (of an organisation code).  False when it does not fit into n. */
bool code_normalise(const char *in, bool hyphen, char *out, size_t n);

/*
 * in: 15 or 18 characters, normalised.  out: the canonical 18, "" unless CODE_OK.
 * Judged in this order: format, area (any edition), date, future, check.  An old
 * number of 15 has no century: 19, or 18 for the sequences 996 to 999.
 */
enum code_fault citizen_check(const char *in, const struct areas *areas, day_t today,
    char out[static 19]);
day_t citizen_birth(const char canonical[static 19]);
/* The check character of the first seventeen digits. */
char citizen_check_digit(const char *digits17);
/* Whether one stands in a text in clear: eighteen characters by themselves, blanks and hyphens
 * between them or not, whose birth is a day and whose check character fits; or with the two
 * digits of a disability certificate behind.  The text is folded (ASCII); an old number of
 * fifteen is like any other number and not told from it. */
bool citizen_stands_in(const char *text);
int citizen_sex(const char canonical[static 19]); /* 1 male, 2 female: GB/T 2261.1 */

/* Sets *inner_ok (may be NULL) to whether the organisation code inside is right: a
 * warning only. */
enum code_fault uscc_check(const char *in, bool *inner_ok);
enum code_fault organisation_check(const char *in); /* nine characters */
/* Either of the two; how an employer is known. */
enum code_fault employer_check(const char *in);

/* "4-07-05-01" or "4-07-05" or "4-07"; grammar only, the catalogue knows which exist. */
enum code_fault occupation_parse(const char *in, occupation_t *out);
/* All four parts, as a post must give it: "4-07-05-01", "2-06-03-00". */
enum code_fault occupation_parse_full(const char *in, occupation_t *out);
void occupation_print(occupation_t o, char out[static 12]); /* a detail in full; "4-07-05" */
/* digits: 4, 6, 9 or 12, exactly so many; out is padded to twelve. */
enum code_fault place_parse(const char *in, int digits, place_t *out);
/* So many of its twelve. */
void place_print(place_t place, int digits, char out[static 13]);
/* GB/T 4658-2006: "61"; whatever is not in the standard is CODE_UNKNOWN. */
enum code_fault education_parse(const char *in, education_t *out);
/* GB/T 2261.1-2003: "0", "1", "2", "9". */
enum code_fault sex_parse(const char *in, int *out);
enum code_fault quarter_parse(const char *in, int *year, int *quarter); /* "2007Q2" */

/* Full years on day d (rules/age); born on 29 February, they are reached on 1 March. */
int age_on(day_t birth, day_t d);

#endif
