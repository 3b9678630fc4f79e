/*
 * What the files of this folder share: a slot of each worker, and one of the parent's.
 */
#ifndef DAEMON_METRICS_SLOTS_H
#define DAEMON_METRICS_SLOTS_H

#include <stdatomic.h>

#include "daemon/metrics/metrics.h"

typedef _Atomic int64_t cell;

int slots_count(void);
/* A slot's cells of what is told apart by label; `slot` -1: ours.  NULL: there are none. */
cell *slot_requests(int slot);

/* requests.c */
size_t requests_cells(const struct metric_labels *labels); /* so many a slot */
void requests_name(const struct metric_labels *labels);    /* NULL: no more */
void requests_write(struct buf *b);

static inline void cell_add(cell *c, int64_t n)
{
	atomic_fetch_add_explicit(c, n, memory_order_relaxed);
}

static inline int64_t cell_read(const cell *c)
{
	return atomic_load_explicit(c, memory_order_relaxed);
}

#endif
