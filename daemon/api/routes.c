/*
 * The routes: every method and path of the API, the plan that serves it, and
 * its action, under which the table of authorisation (config/data) says who may
 * ask.  config/openapi.yaml says the same to clients; a test compares.
 */
#include "daemon/api/app.h"
#include "daemon/api/resources.h"
#include "daemon/codec/return.h"

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
/* A file that is taken as it comes. */
#define IMPORT(path, served, does)                                                             \
	{ METHOD_POST, path, .plan = &(served), .action = (does),                              \
	  .max_body = (size_t)4 << 30, .needs_idempotency_key = true, .needs_length = true }
/* clang-format on */

const struct route api_routes[] = {
	PUT("/v1/employers/{employer}", put_employer, "employers.put"),
	GET("/v1/employers/{employer}", get_employer, "employers.read"),
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
	GET("/v1/vacancies", list_vacancies, "vacancies.search"),
	GET("/v1/vacancies/{vacancy}", get_vacancy, "vacancies.read"),
	GET("/v1/vacancies/{vacancy}/matches", get_vacancy_matches, "vacancies.matches"),
	POST("/v1/seekers", post_seeker, "seekers.create"),
	GET("/v1/seekers", list_seekers, "seekers.list"),
	POST("/v1/seekers/find", find_seeker, "seekers.find"),
	GET("/v1/seekers/{seeker}", get_seeker, "seekers.read"),
	PATCH("/v1/seekers/{seeker}", patch_seeker, "seekers.change"),
	POST("/v1/seekers/{seeker}/unemployment", post_seeker_fact, "seekers.facts"),
	POST("/v1/seekers/{seeker}/unemployment/{fact}/end", post_seeker_fact, "seekers.facts"),
	POST("/v1/seekers/{seeker}/unemployment/{fact}/void", post_seeker_fact,
	    "seekers.facts"),
	POST("/v1/seekers/{seeker}/recognitions", post_seeker_fact, "seekers.facts"),
	POST("/v1/seekers/{seeker}/recognitions/{fact}/end", post_seeker_fact, "seekers.facts"),
	POST("/v1/seekers/{seeker}/recognitions/{fact}/void", post_seeker_fact,
	    "seekers.facts"),
	POST("/v1/seekers/{seeker}/certificates", post_seeker_fact, "seekers.facts"),
	POST("/v1/seekers/{seeker}/certificates/{fact}/inspect", post_seeker_fact,
	    "seekers.facts"),
	POST("/v1/seekers/{seeker}/certificates/{fact}/void", post_seeker_fact,
	    "seekers.facts"),
	POST("/v1/seekers/{seeker}/retirement", post_seeker_fact, "seekers.facts"),
	POST("/v1/seekers/{seeker}/withdraw", post_seeker_fact, "seekers.withdraw"),
	POST("/v1/seekers/{seeker}/return", post_seeker_fact, "seekers.return"),
	GET("/v1/seekers/{seeker}/duplicates", get_seeker_duplicates, "seekers.duplicates"),
	POST("/v1/seekers/{seeker}/merge", post_seeker_merge, "seekers.merge"),
	POST("/v1/seekers/{seeker}/unmerge", post_seeker_merge, "seekers.unmerge"),
	GET("/v1/seekers/{seeker}/matches", get_seeker_matches, "seekers.matches"),
	GET("/v1/seekers/{seeker}/matches/{vacancy}", get_seeker_match, "seekers.matches"),
	GET("/v1/seekers/{seeker}/progress", get_person_progress, "seekers.progress"),
	POST("/v1/households", post_household, "households.create"),
	GET("/v1/households", list_households, "households.list"),
	GET("/v1/households/{household}", get_household, "households.read"),
	PATCH("/v1/households/{household}", patch_household, "households.change"),
	POST("/v1/households/{household}/end", end_household, "households.end"),
	POST("/v1/public-welfare-posts", post_posts, "posts.approve"),
	POST("/v1/placements", post_placement, "placements.create"),
	POST_MANY("/v1/placements/batch", post_placements, "placements.create"),
	GET("/v1/placements/{placement}", get_placement, "placements.read"),
	POST_BARE("/v1/placements/{placement}/confirm", confirm_placement,
	    "placements.confirm"),
	POST("/v1/placements/{placement}/register", register_placement, "placements.register"),
	POST("/v1/placements/{placement}/withdraw", withdraw_signal, "placements.withdraw"),
	POST("/v1/placements/{placement}/void", void_placement, "placements.void"),
	POST("/v1/placements/{placement}/void/undo", undo_void, "placements.undo"),
	POST("/v1/placements/{placement}/void/decide", decide_void, "placements.decide"),
	POST("/v1/placements/{placement}/end", end_placement, "placements.end"),
	PUT("/v1/agencies/{agency}", put_agency, "agencies.put"),
	GET("/v1/agencies/{agency}", get_agency, "agencies.read"),
	POST("/v1/referrals", post_referral, "referrals.create"),
	GET("/v1/referrals", get_referrals, "referrals.read"),
	GET("/v1/referrals/summary", get_referral_summary, "referrals.summary"),
	GET("/v1/referrals/{referral}", get_referral, "referrals.read"),
	GET("/v1/referrals/{referral}/person", get_referral_person, "referrals.person"),
	POST("/v1/referrals/{referral}/consent", post_referral_step, "referrals.consent"),
	POST("/v1/referrals/{referral}/refuse", post_referral_step, "referrals.refuse"),
	POST_BARE("/v1/referrals/{referral}/accept", post_referral_step, "referrals.accept"),
	POST("/v1/referrals/{referral}/decline", post_referral_step, "referrals.decline"),
	POST_BARE("/v1/referrals/{referral}/interview", post_referral_step,
	    "referrals.interview"),
	POST_BARE("/v1/referrals/{referral}/offer", post_referral_step, "referrals.offer"),
	POST("/v1/referrals/{referral}/fail", post_referral_step, "referrals.fail"),
	POST("/v1/referrals/{referral}/withdraw", post_referral_step, "referrals.withdraw"),
	GET("/v1/progress", get_progress, "progress.read"),
	GET("/v1/officers", get_officers, "officers.read"),
	POST("/v1/officers", post_officer, "officers.create"),
	GET("/v1/officers/{officer}", get_officer, "officers.read"),
	PATCH("/v1/officers/{officer}", patch_officer, "officers.change"),
	POST_BARE("/v1/officers/{officer}/secret", post_officer_secret, "officers.change"),
	POST("/v1/officers/{officer}/delegations", post_delegation, "officers.delegate"),
	POST_BARE("/v1/officers/{officer}/delegations/{delegation}/end", end_delegation,
	    "officers.delegate"),
	GET("/v1/looks", get_looks, "looks.list"),
	GET("/v1/actions", get_actions, "actions.list"),
	GET("/v1/codes", list_codes, "codes.read"),
	GET("/v1/codes/{list}", get_codes, "codes.read"),
	GET("/openapi.yaml", get_openapi, NULL),
	GET("/problems/{slug}", get_problem, NULL),
};
const size_t n_api_routes = sizeof(api_routes) / sizeof(api_routes[0]);
