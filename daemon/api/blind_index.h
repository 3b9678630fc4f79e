/*
 * By what a person can be found without being told: blind indexes.
 */
#ifndef DAEMON_API_BLIND_INDEX_H
#define DAEMON_API_BLIND_INDEX_H

struct arena;
struct flow;

/* The blind indexes of a name, a telephone and an address, in hex, in that arena; NULL for
 * NULL. */
const char *blind_name(struct flow *f, struct arena *a, const char *name);
const char *blind_telephone(struct flow *f, struct arena *a, const char *telephone);
const char *blind_address(struct flow *f, struct arena *a, const char *address);

#endif
