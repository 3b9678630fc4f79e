/*
 * The routes: every method and path of the API, the plan that serves it, and
 * who may ask.  config/openapi.yaml says the same to clients; a test compares.
 */
#include "daemon/api/app.h"
#include "daemon/api/resources.h"
#include "daemon/codec/codec.h"

#define FILERS  (ROLE_EMPLOYER | ROLE_BUREAU)
#define DESKS   (ROLE_AGENCY | ROLE_BUREAU)
#define TRADE   (ROLE_EMPLOYER | ROLE_AGENCY | ROLE_BUREAU)
#define ANYBODY (TRADE | ROLE_AUDITOR)

/* clang-format off */
#define GET(path, served, who)                                                                 \
	{ METHOD_GET, path, .plan = &(served), .roles = (who) }
#define PUT(path, served, who, limit)                                                          \
	{ METHOD_PUT, path, .plan = &(served), .roles = (who), .max_body = (limit),            \
	  .needs_length = true }
#define POST(path, served, who)                                                                \
	{ METHOD_POST, path, .plan = &(served), .roles = (who), .max_body = CODEC_BODY_MAX,    \
	  .needs_idempotency_key = true, .needs_length = true }
/* Nothing has to be said: no body, or an empty object. */
#define POST_BARE(path, served, who)                                                           \
	{ METHOD_POST, path, .plan = &(served), .roles = (who), .max_body = CODEC_BODY_MAX,    \
	  .needs_idempotency_key = true }
/* clang-format on */

const struct route api_routes[] = {
	PUT("/v1/employers/{employer}", put_employer, ROLE_BUREAU, CODEC_BODY_MAX),
	GET("/v1/employers/{employer}", get_employer, FILERS | ROLE_AUDITOR),
	PUT("/v1/returns/{employer}/{district}/{quarter}", put_return, FILERS,
	    CODEC_RETURN_MAX),
	GET("/v1/returns/{employer}/{district}/{quarter}", get_return, FILERS | ROLE_AUDITOR),
	GET("/v1/vacancies/{vacancy}", get_vacancy, ANYBODY),
	GET("/v1/vacancies/{vacancy}/matches", get_vacancy_matches, DESKS),
	POST("/v1/seekers", post_seeker, ROLE_BUREAU),
	GET("/v1/seekers/{seeker}", get_seeker, ROLE_BUREAU),
	GET("/v1/seekers/{seeker}/matches", get_seeker_matches, DESKS),
	GET("/v1/seekers/{seeker}/progress", get_person_progress, ROLE_BUREAU),
	POST("/v1/households", post_household, ROLE_BUREAU),
	GET("/v1/households/{household}", get_household, ROLE_BUREAU),
	POST("/v1/public-welfare-posts", post_posts, ROLE_BUREAU),
	POST("/v1/placements", post_placement, TRADE),
	GET("/v1/placements/{placement}", get_placement, ANYBODY),
	POST_BARE("/v1/placements/{placement}/confirm", confirm_placement, FILERS),
	POST("/v1/placements/{placement}/register", register_placement, ROLE_BUREAU),
	POST("/v1/placements/{placement}/void", void_placement, ROLE_BUREAU),
	GET("/v1/progress", get_progress, ROLE_BUREAU | ROLE_AUDITOR),
	GET("/openapi.yaml", get_openapi, 0),
	GET("/problems/{slug}", get_problem, 0),
};
const size_t n_api_routes = sizeof(api_routes) / sizeof(api_routes[0]);
