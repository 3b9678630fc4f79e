/*
 * The plans, one a route; routes.c joins them to methods and paths.
 */
#ifndef DAEMON_API_RESOURCES_H
#define DAEMON_API_RESOURCES_H

#include "daemon/flow/flow.h"

extern const struct plan put_return, get_return;
extern const struct plan get_returns, get_return_versions, patch_return_line, get_obligations;
extern const struct plan post_import, get_import, get_receipts, get_template;
extern const struct plan list_vacancies, get_vacancy;
extern const struct plan list_codes, get_codes;
extern const struct plan post_seeker, get_seeker;
extern const struct plan patch_seeker;
extern const struct plan find_seeker, list_seekers, get_seeker_duplicates;
extern const struct plan list_households;
extern const struct plan get_seeker_matches, get_vacancy_matches;
extern const struct plan post_placements;
extern const struct plan get_seeker_match;
extern const struct plan post_referral, get_referrals;
extern const struct plan get_referral_person, get_referral_summary;
extern const struct plan get_progress, get_person_progress, list_behind;
extern const struct plan get_officers, post_officer;
extern const struct plan post_officer_secret, post_secret_code, post_own_secret;
extern const struct plan get_looks, get_actions, get_decisions;
extern const struct plan list_lots, list_lot_records;
extern const struct plan list_entries;
extern const struct plan get_openapi, get_openapi_json, get_problem;
extern const struct plan get_rules, get_rule;

#endif
