/*
 * Texts that are the same for everybody: the description of the API, the pages, the codes.
 */
#ifndef DAEMON_API_PUBLIC_TEXTS_H
#define DAEMON_API_PUBLIC_TEXTS_H

#include "daemon/flow/flow.h"

struct public_texts;
struct public_texts *public_texts_new(void);
void public_texts_free(struct public_texts *t);

/* Answers with the text that was made for this path before, if it was asked for without a
 * query; true: done. */
MUST_CHECK bool answer_kept(struct flow *f);
/* 200 with a text that is the same for everybody, tagged by its content.  Without a query it
 * is kept, and never made again. */
enum next answer_public(struct flow *f, const char *content_type, const char *text);

#endif
