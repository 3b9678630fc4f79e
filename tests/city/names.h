/*
 * Names of people, firms and houses, made of common parts; nobody's.
 */
#ifndef TESTS_CITY_NAMES_H
#define TESTS_CITY_NAMES_H

#include "tests/city/dice.h"

void name_surname(struct dice *d, char *out, size_t n);
/* A given name of one or two characters, after what `out` already holds. */
void name_given(struct dice *d, char *out, size_t n);
/* "金水花园路12号院3号楼2单元501" */
void name_address(struct dice *d, const char *street, char *out, size_t n);
/* A firm and its kind, as the employer register has it. */
void name_firm(struct dice *d, char *out, size_t n, const char **kind);

#endif
