/*
 * Display text of vacancies: title, employer's name, pay.
 *
 * The same few thousand titles, names and pays stand in a million vacancies, so
 * each text is kept once and counted.
 */
#ifndef DAEMON_MIRROR_LABELS_H
#define DAEMON_MIRROR_LABELS_H

#include "daemon/mirror/mirror.h"

struct change;
struct labels;
struct labels *labels_new(void);
void labels_free(struct labels *l);
/* `text` is title, \x1f, employer, \x1f, pay; a part that is missing is "". */
void labels_put(struct labels *l, uint64_t vacancy, const char *text);
/* Fetches into the cache what the putting of these will look at. */
void labels_fetch(const struct labels *l, const struct change *changes, size_t n);
void labels_drop(struct labels *l, uint64_t vacancy);
size_t labels_bytes(const struct labels *l);
bool labels_find(const struct labels *l, uint64_t vacancy, struct vacancy_label *out);

#endif
