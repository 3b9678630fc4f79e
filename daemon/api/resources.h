/*
 * The plans, one a route; routes.c joins them to methods and paths.
 */
#ifndef DAEMON_API_RESOURCES_H
#define DAEMON_API_RESOURCES_H

#include "daemon/flow/flow.h"

extern const struct plan put_employer, get_employer;
extern const struct plan put_return, get_return;
extern const struct plan get_vacancy;
extern const struct plan post_seeker, get_seeker;
extern const struct plan post_household, get_household;
extern const struct plan post_posts;
extern const struct plan get_seeker_matches, get_vacancy_matches;
extern const struct plan post_placement, get_placement;
extern const struct plan confirm_placement, register_placement, void_placement;
extern const struct plan get_progress, get_person_progress;
extern const struct plan get_openapi, get_problem;

#endif
