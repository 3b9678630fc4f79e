/*
 * Identifiers that are well formed and nobody's, with their check digits.
 */
#ifndef TESTS_CITY_IDS_H
#define TESTS_CITY_IDS_H

#include <stdbool.h>
#include <stdint.h>

/* `sequence` 0 to 999; odd is a man. */
void id_citizen(uint32_t area, int birth, int sequence, char out[static 19]);
/* Nine characters from a number below ten million. */
void id_organisation(uint32_t n, char out[static 10]);
/* Eighteen characters around an organisation code. */
void id_credit(uint32_t district, const char organisation[static 10], char out[static 19]);

#endif
