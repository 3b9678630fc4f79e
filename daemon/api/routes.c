/*
 * The routes: every method and path of the API, the plan that serves it, and
 * its action, under which the table of authorisation (config/data) says who may
 * ask.  What is one operation of the ledger stands here whole (operation.h).
 * config/openapi.yaml says the same to clients; a test compares.
 */
#include "daemon/api/app.h"
#include "daemon/api/matches.h"
#include "daemon/api/operation.h"
#include "daemon/api/resources.h"
#include "daemon/codec/changes.h"
#include "daemon/codec/employer.h"
#include "daemon/codec/entry_body.h"
#include "daemon/codec/household.h"
#include "daemon/codec/lot.h"
#include "daemon/codec/officer.h"
#include "daemon/codec/placement.h"
#include "daemon/codec/posts.h"
#include "daemon/codec/referral.h"
#include "daemon/codec/return.h"
#include "daemon/codec/statuses.h"
#include "daemon/tables/registers.h"

/* clang-format off */
#define GET(path, served, does)                                                                 \
	{ METHOD_GET, path, .plan = &(served), .action = (does) }
#define PUT(path, served, does)                                                                 \
	{ METHOD_PUT, path, .plan = &(served), .action = (does), .needs_length = true }
#define PUT_LONG(path, served, does)                                                            \
	{ METHOD_PUT, path, .plan = &(served), .action = (does), .max_body = CODEC_RETURN_MAX,   \
	  .needs_length = true }
#define POST(path, served, does)                                                                \
	{ METHOD_POST, path, .plan = &(served), .action = (does),                                \
	  .needs_idempotency_key = true, .needs_length = true }
/* A list of bodies. */
#define POST_MANY(path, served, does)                                                          \
	{ METHOD_POST, path, .plan = &(served), .action = (does), .max_body = CODEC_RETURN_MAX, \
	  .needs_idempotency_key = true, .needs_length = true }
/* Nothing has to be said: no body, or an empty object. */
#define POST_BARE(path, served, does)                                                           \
	{ METHOD_POST, path, .plan = &(served), .action = (does),                                \
	  .needs_idempotency_key = true }
#define PATCH(path, served, does)                                                              \
	{ METHOD_PATCH, path, .plan = &(served), .action = (does), .needs_length = true }
/* One operation of the ledger. */
#define OP(...) (&(const struct operation){ __VA_ARGS__ })
#define GET_OP(path, does, what)                                                               \
	{ METHOD_GET, path, .plan = &operation, .action = (does), .arg = (what) }
#define PUT_OP(path, does, what)                                                               \
	{ METHOD_PUT, path, .plan = &operation, .action = (does), .arg = (what),               \
	  .needs_length = true }
#define POST_OP(path, does, what)                                                              \
	{ METHOD_POST, path, .plan = &operation, .action = (does), .arg = (what),              \
	  .needs_idempotency_key = true, .needs_length = true }
#define POST_BARE_OP(path, does, what)                                                         \
	{ METHOD_POST, path, .plan = &operation, .action = (does), .arg = (what),              \
	  .needs_idempotency_key = true }
#define PATCH_OP(path, does, what)                                                             \
	{ METHOD_PATCH, path, .plan = &operation, .action = (does), .arg = (what),             \
	  .needs_length = true }
#define MATCHES(path, served, does, filters)                                                   \
	{ METHOD_GET, path, .plan = &(served), .action = (does), .arg = (filters) }
/* A file that is taken as it comes. */
#define IMPORT(path, served, does)                                                             \
	{ METHOD_POST, path, .plan = &(served), .action = (does),                              \
	  .max_body = (size_t)4 << 30, .needs_idempotency_key = true, .needs_length = true }
/* clang-format on */

const struct route api_routes[] = {
	PUT_OP("/v1/employers/{employer}", "employers.put",
	    OP(LEDGER_PUT_EMPLOYER, "ebx", NULL, employer_body)),
	GET_OP("/v1/employers/{employer}", "employers.read", OP(LEDGER_READ_EMPLOYER, "e")),
	PUT_LONG("/v1/returns/{employer}/{district}/{quarter}", put_return, "returns.file"),
	GET("/v1/returns/{employer}/{district}/{quarter}", get_return, "returns.read"),
	GET("/v1/returns", get_returns, "returns.read"),
	GET("/v1/returns/{employer}/{district}/{quarter}/versions", get_return_versions,
	    "returns.read"),
	PATCH("/v1/returns/{employer}/{district}/{quarter}/lines/{ref}", patch_return_line,
	    "returns.file"),
	GET("/v1/obligations", get_obligations, "obligations.read"),
	IMPORT("/v1/imports", post_import, "imports.create"),
	GET("/v1/imports/{import}", get_import, "imports.read"),
	GET("/v1/templates/{kind}", get_template, "imports.create"),
	GET("/v1/imports/{import}/receipts", get_receipts, "imports.read"),
	GET("/v1/vacancies", list_vacancies, "vacancies.search"),
	GET("/v1/vacancies/{vacancy}", get_vacancy, "vacancies.read"),
	MATCHES("/v1/vacancies/{vacancy}/matches", get_vacancy_matches, "vacancies.matches",
	    &person_filters),
	POST("/v1/seekers", post_seeker, "seekers.create"),
	GET("/v1/seekers", list_seekers, "seekers.list"),
	POST("/v1/seekers/find", find_seeker, "seekers.find"),
	GET("/v1/seekers/{seeker}", get_seeker, "seekers.read"),
	PATCH("/v1/seekers/{seeker}", patch_seeker, "seekers.change"),
	POST_OP("/v1/seekers/{seeker}/unemployment", "seekers.facts",
	    OP(LEDGER_CHANGE_PERSON, "pw0b", "add unemployment", unemployment_body, true)),
	POST_OP("/v1/seekers/{seeker}/unemployment/{fact}/end", "seekers.facts",
	    OP(LEDGER_CHANGE_PERSON, "pwib", "end unemployment", leaving_body, true)),
	POST_OP("/v1/seekers/{seeker}/unemployment/{fact}/void", "seekers.facts",
	    OP(LEDGER_CHANGE_PERSON, "pwib", "void unemployment", fact_void_body, true)),
	POST_OP("/v1/seekers/{seeker}/recognitions", "seekers.facts",
	    OP(LEDGER_CHANGE_PERSON, "pw0b", "add recognitions", recognition_body, true)),
	POST_OP("/v1/seekers/{seeker}/recognitions/{fact}/end", "seekers.facts",
	    OP(LEDGER_CHANGE_PERSON, "pwib", "end recognitions", recovery_body, true)),
	POST_OP("/v1/seekers/{seeker}/recognitions/{fact}/void", "seekers.facts",
	    OP(LEDGER_CHANGE_PERSON, "pwib", "void recognitions", fact_void_body, true)),
	POST_OP("/v1/seekers/{seeker}/certificates", "seekers.facts",
	    OP(LEDGER_CHANGE_PERSON, "pw0b", "add certificates", certificate_body, true)),
	POST_OP("/v1/seekers/{seeker}/certificates/{fact}/inspect", "seekers.facts",
	    OP(LEDGER_CHANGE_PERSON, "pwib", "inspect certificates", inspection_body, true)),
	POST_OP("/v1/seekers/{seeker}/certificates/{fact}/void", "seekers.facts",
	    OP(LEDGER_CHANGE_PERSON, "pwib", "void certificates", fact_void_body, true)),
	POST_OP("/v1/seekers/{seeker}/retirement", "seekers.facts",
	    OP(LEDGER_CHANGE_PERSON, "pw0b", "add retirement", retirement_body, true)),
	POST_OP("/v1/seekers/{seeker}/withdraw", "seekers.withdraw",
	    OP(LEDGER_CHANGE_PERSON, "pw0b", "withdraw", leaving_body, true)),
	POST_OP("/v1/seekers/{seeker}/return", "seekers.return",
	    OP(LEDGER_CHANGE_PERSON, "pw0b", "return", seeker_return_body, true)),
	GET("/v1/seekers/{seeker}/duplicates", get_seeker_duplicates, "seekers.duplicates"),
	POST_OP("/v1/seekers/{seeker}/merge", "seekers.merge",
	    OP(LEDGER_MERGE_SEEKERS, "pwb", "merge", merge_body, true)),
	POST_OP("/v1/seekers/{seeker}/unmerge", "seekers.unmerge",
	    OP(LEDGER_MERGE_SEEKERS, "pwb", "unmerge", merge_body, true)),
	MATCHES("/v1/seekers/{seeker}/matches", get_seeker_matches, "seekers.matches",
	    &post_filters),
	GET("/v1/seekers/{seeker}/matches/{vacancy}", get_seeker_match, "seekers.matches"),
	GET("/v1/seekers/{seeker}/progress", get_person_progress, "seekers.progress"),
	POST_OP("/v1/households", "households.create",
	    OP(LEDGER_REGISTER_HOUSEHOLD, "b", NULL, household_body, true)),
	GET("/v1/households", list_households, "households.list"),
	GET_OP("/v1/households/{household}", "households.read",
	    OP(LEDGER_READ_HOUSEHOLD, "id", NULL, NULL, true, .is_derived = true)),
	PATCH_OP("/v1/households/{household}", "households.change",
	    OP(LEDGER_AMEND_HOUSEHOLD, "imb", NULL, household_change_body, true)),
	POST_OP("/v1/households/{household}/end", "households.end",
	    OP(LEDGER_END_HOUSEHOLD, "iwb", "ask", household_end_body, true)),
	POST_OP("/v1/households/{household}/end/decide", "households.end",
	    OP(LEDGER_END_HOUSEHOLD, "iwb", "decide", decision_body, true)),
	POST_OP("/v1/public-welfare-posts", "posts.approve",
	    OP(LEDGER_APPROVE_POSTS, "b", NULL, posts_body)),
	POST_OP("/v1/placements", "placements.create",
	    OP(LEDGER_REPORT_PLACEMENT, "b", NULL, placement_body)),
	POST_MANY("/v1/placements/batch", post_placements, "placements.create"),
	GET_OP("/v1/placements/{placement}", "placements.read", OP(LEDGER_READ_PLACEMENT, "i")),
	POST_BARE_OP("/v1/placements/{placement}/confirm", "placements.confirm",
	    OP(LEDGER_CONFIRM_PLACEMENT, "in")),
	POST_OP("/v1/placements/{placement}/register", "placements.register",
	    OP(LEDGER_REGISTER_PLACEMENT, "ib", NULL, registration_body)),
	POST_OP("/v1/placements/{placement}/withdraw", "placements.withdraw",
	    OP(LEDGER_CHANGE_PLACEMENT, "iwb", "withdraw", withdrawal_body)),
	POST_OP("/v1/placements/{placement}/void", "placements.void",
	    OP(LEDGER_CHANGE_PLACEMENT, "iwb", "void", voiding_body)),
	POST_OP("/v1/placements/{placement}/void/undo", "placements.undo",
	    OP(LEDGER_CHANGE_PLACEMENT, "iwb", "undo", undoing_body)),
	POST_OP("/v1/placements/{placement}/void/decide", "placements.decide",
	    OP(LEDGER_CHANGE_PLACEMENT, "iwb", "decide", decision_body)),
	POST_OP("/v1/placements/{placement}/record", "placements.record",
	    OP(LEDGER_CHANGE_PLACEMENT, "iwb", "record", undoing_body)),
	POST_OP("/v1/placements/{placement}/record/decide", "placements.record",
	    OP(LEDGER_CHANGE_PLACEMENT, "iwb", "record decide", decision_body)),
	POST_OP("/v1/placements/{placement}/end", "placements.end",
	    OP(LEDGER_END_PLACEMENT, "ib", NULL, job_end_body)),
	PUT_OP("/v1/agencies/{agency}", "agencies.put",
	    OP(LEDGER_PUT_AGENCY, "omxb", NULL, agency_body, true)),
	GET_OP("/v1/agencies/{agency}", "agencies.read",
	    OP(LEDGER_READ_AGENCY, "o", NULL, NULL, true, .is_derived = true)),
	POST("/v1/referrals", post_referral, "referrals.create"),
	GET("/v1/referrals", get_referrals, "referrals.read"),
	GET("/v1/referrals/summary", get_referral_summary, "referrals.summary"),
	GET_OP("/v1/referrals/{referral}", "referrals.read", OP(LEDGER_READ_REFERRAL, "i")),
	GET("/v1/referrals/{referral}/person", get_referral_person, "referrals.person"),
	POST_OP("/v1/referrals/{referral}/consent", "referrals.consent",
	    OP(LEDGER_STEP_REFERRAL, "iwb", "consent", consent_body)),
	POST_OP("/v1/referrals/{referral}/refuse", "referrals.refuse",
	    OP(LEDGER_STEP_REFERRAL, "iwb", "refuse", refusal_body)),
	POST_BARE_OP("/v1/referrals/{referral}/accept", "referrals.accept",
	    OP(LEDGER_STEP_REFERRAL, "iwb", "accept", empty_body)),
	POST_OP("/v1/referrals/{referral}/decline", "referrals.decline",
	    OP(LEDGER_STEP_REFERRAL, "iwb", "decline", declining_body)),
	POST_BARE_OP("/v1/referrals/{referral}/interview", "referrals.interview",
	    OP(LEDGER_STEP_REFERRAL, "iwb", "interview", empty_body)),
	POST_BARE_OP("/v1/referrals/{referral}/offer", "referrals.offer",
	    OP(LEDGER_STEP_REFERRAL, "iwb", "offer", empty_body)),
	POST_OP("/v1/referrals/{referral}/fail", "referrals.fail",
	    OP(LEDGER_STEP_REFERRAL, "iwb", "fail", failure_body)),
	POST_OP("/v1/referrals/{referral}/withdraw", "referrals.withdraw",
	    OP(LEDGER_STEP_REFERRAL, "iwb", "withdraw", retreat_body)),
	GET("/v1/progress", get_progress, "progress.read"),
	GET("/v1/figures/{figure}/records", list_behind, "figures.list"),
	GET("/v1/officers", get_officers, "officers.read"),
	POST("/v1/officers", post_officer, "officers.create"),
	GET_OP("/v1/officers/{officer}", "officers.read",
	    OP(LEDGER_READ_OFFICER, "p", NULL, NULL, true)),
	PATCH_OP("/v1/officers/{officer}", "officers.change",
	    OP(LEDGER_CHANGE_OFFICER, "pmb", NULL, officer_change_body, true)),
	POST_BARE("/v1/officers/{officer}/secret", post_officer_secret, "officers.change"),
	POST_BARE("/v1/officers/{officer}/secret/code", post_secret_code, "officers.change"),
	POST("/v1/officers/{officer}/secret/own", post_own_secret, "officers.own-secret"),
	POST_OP("/v1/officers/{officer}/delegations", "officers.delegate",
	    OP(LEDGER_DELEGATE_OFFICER, "pb", NULL, delegation_body)),
	POST_BARE_OP("/v1/officers/{officer}/delegations/{delegation}/end", "officers.delegate",
	    OP(LEDGER_END_DELEGATION, "pin")),
	GET("/v1/looks", get_looks, "looks.list"),
	GET("/v1/actions", get_actions, "actions.list"),
	GET("/v1/decisions", get_decisions, "decisions.list"),
	GET("/v1/lots", list_lots, "lots.list"),
	GET_OP("/v1/lots/{lot}", "lots.read", OP(LEDGER_READ_LOT, "i")),
	GET("/v1/lots/{lot}/records", list_lot_records, "lots.read"),
	POST_OP("/v1/lots/{lot}/decision", "lots.decide",
	    OP(LEDGER_DECIDE_LOT, "ib", NULL, lot_decision_body)),
	GET("/v1/codes", list_codes, "codes.read"),
	GET("/v1/codes/{list}", get_codes, "codes.read"),
#include "daemon/tables/register_routes.inc"
	GET("/openapi.yaml", get_openapi, NULL),
	GET("/openapi.json", get_openapi_json, NULL),
	GET("/problems/{slug}", get_problem, NULL),
	GET("/rules", get_rules, NULL),
	GET("/rules/{slug}", get_rule, NULL),
};
const size_t n_api_routes = sizeof(api_routes) / sizeof(api_routes[0]);
