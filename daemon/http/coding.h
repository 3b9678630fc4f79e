/*
 * Content codings: an answer packed by gzip for whoever asks (RFC 9110, 8.4 and 12.5.3).
 *
 * Packed are answers 200 to GET and HEAD, of more than 1,000 bytes; shorter ones only for who
 * takes nothing else.  An answer to any other method, which alone may show a secret that was
 * just made, and a refusal, which may repeat what was sent, are never packed: the length of a
 * packed text tells of its parts (BREACH).  Nor is a file.
 */
#ifndef DAEMON_HTTP_CODING_H
#define DAEMON_HTTP_CODING_H

#include <stdbool.h>

#include "daemon/flow/request.h"

struct arena;

/* What a client wishes, read from its Accept-Encoding. */
enum coding_wish { CODING_PLAIN, CODING_GZIP, CODING_GZIP_ONLY };

/* Whether an answer depends on the wish. */
bool coding_is_chosen(const struct request *r, const struct answer *a);
/* Whether this one is packed for that wish; depends on nothing that is only known later. */
bool coding_packs(enum coding_wish wish, const struct request *r, const struct answer *a);

#define CODING_TAG_MAX 96
/* The entity tag of the packed form, "3-gzip" for "3", in place of the plain one's. */
void coding_tag(struct answer *a, char tag[CODING_TAG_MAX]);
/* The plain form's entity tag, whichever of the two was given. */
const char *coding_plain_tag(struct arena *memory, const char *tag);

/* One a worker. */
struct packer;
struct packer *packer_new(void);
void packer_free(struct packer *p);

/* Packs the body.  What it is then stays until packer_wipe.  A text that is the same
 * for everybody is packed once: `tag`, the plain form's, says which it is; NULL: no such. */
void packer_pack(struct packer *p, struct answer *a, const char *tag);
/* It has left: nothing of it stays but what is the same for everybody. */
void packer_wipe(struct packer *p);

#endif
