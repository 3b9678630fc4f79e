/*
 * The pages of config/rules, put in by the build (rule_pages.cmake), by slug and by the
 * names that answers have for them.
 */
#ifndef DAEMON_API_RULE_PAGES_H
#define DAEMON_API_RULE_PAGES_H

#include <stddef.h>

struct rule_page {
	const char *slug; /* "education", "under-age" */
	const char *text;
};
extern const struct rule_page rule_pages[];
extern const size_t n_rule_pages;

/* A line each: "/rules/education", a tab, "Education · 学历". */
extern const unsigned char rule_list[];

#endif
