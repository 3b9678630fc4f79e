/*
 * What would be right: advice in the place of a wrong code, inside codec only.
 *
 * Each adds the fault, with up to three codes that the reader who refused would take there.
 * The codes come of the catalogue; the reader's own judgement is asked of each before it is
 * offered, so advice that is followed is never refused.
 */
#ifndef DAEMON_CODEC_ADVICE_H
#define DAEMON_CODEC_ADVICE_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/catalog/catalog.h"
#include "daemon/codec/field.h"
#include "daemon/tables/choices.h"
#include "matcher/model.h"

void advise_occupation(const struct field *s, enum broken b, bool of_a_post, const char *given);
void advise_place(const struct field *s, enum broken b, int digits, const char *given);
void advise_workplace(const struct field *s, enum broken b, day_t day, const char *given);
void advise_area(const struct field *s, enum broken b, const char *given);
/* Of "skills" or "licences", and not one of those that stand there already. */
void advise_term(const struct field *s, const char *list, const char *given,
    const uint8_t *there, size_t n);
void advise_choice(const struct field *s, enum broken b, enum code_list of, const char *given);

/* Where there is no field, as in a path: divisions of so many digits; "" for none. */
void advice_of_place(const struct codec *c, int digits, const char *given,
    char out[static OFFERS_TEXT]);

#endif
