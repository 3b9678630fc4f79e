/*
 * A vacancy's own answer as schema.org/JobPosting.
 */
#ifndef DAEMON_CODEC_JOB_POSTING_H
#define DAEMON_CODEC_JOB_POSTING_H

struct arena;
struct catalog;

const char *codec_write_job_posting(struct arena *a, const struct catalog *c,
    const char *vacancy);

#endif
