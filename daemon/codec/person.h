/*
 * A seeker's file as it is answered.
 */
#ifndef DAEMON_CODEC_PERSON_H
#define DAEMON_CODEC_PERSON_H

struct arena;
struct catalog;

/* The opened fields; NULL: not there. */
struct opened_person {
	const char *citizen, *name, *telephone, *address;
};
/* Codes in the API's words. */
const char *codec_write_person(struct arena *a, const struct catalog *c, const char *json,
    const struct opened_person *opened);

#endif
