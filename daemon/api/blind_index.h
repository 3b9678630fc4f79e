/*
 * By what a person can be found without being told: blind indexes.
 */
#ifndef DAEMON_API_BLIND_INDEX_H
#define DAEMON_API_BLIND_INDEX_H

struct flow;

/* The blind indexes of a name, a telephone and an address, in hex; NULL for NULL. */
const char *blind_name(struct flow *f, const char *name);
const char *blind_telephone(struct flow *f, const char *telephone);
const char *blind_address(struct flow *f, const char *address);

#endif
