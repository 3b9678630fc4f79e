/*
 * A file without a name that is written at its end and read anywhere: what would be too much
 * for memory, for as long as somebody reads a sheet.
 *
 * A few pages are kept, so that reading forward, or the same few places again, costs no call of
 * the system.  It knows bytes only.
 */
#ifndef DAEMON_SHEET_PAGED_H
#define DAEMON_SHEET_PAGED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST_CHECK __attribute__((warn_unused_result))

/* A file without a name in that directory, to read and write; -1: it cannot be had. */
int nameless_open(const char *dir) MUST_CHECK;

struct paged;
struct paged *paged_new(const char *dir); /* NULL: the file cannot be made */
void paged_free(struct paged *p);
uint64_t paged_size(const struct paged *p);
/* False: the disk is full, or broken. */
bool paged_add(struct paged *p, const void *bytes, size_t n) MUST_CHECK;
/* False: so much was never written, or the disk is broken. */
bool paged_read(struct paged *p, uint64_t at, void *out, size_t n) MUST_CHECK;

#endif
