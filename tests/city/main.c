/*
 * city: writes the synthetic city as files of requests.
 *
 *   city --data DIR --out DIR [--seed N] [--people N]
 *
 * employers, posts, returns, seekers and households .ndjson, to be sent in this
 * order.  The last line on standard output says how many of each.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "tests/city/city.h"

typedef uint32_t writer(const struct city *c, uint32_t i, FILE *out);

static uint32_t employer(const struct city *c, uint32_t i, FILE *out)
{
	city_write_employer(c, i, out);
	return 1;
}

static uint32_t seeker(const struct city *c, uint32_t i, FILE *out)
{
	city_write_seeker(c, i, out);
	return 1;
}

static uint32_t household(const struct city *c, uint32_t i, FILE *out)
{
	city_write_household(c, i, out);
	return 1;
}

static bool write_file(const struct city *c, const char *dir, const char *name, uint32_t n,
    writer *write, uint32_t *sum)
{
	char path[4096];
	FILE *out;
	bool good;

	snprintf(path, sizeof(path), "%s/%s.ndjson", dir, name);
	out = fopen(path, "w");
	if (!out) {
		fprintf(stderr, "city: %s: %s\n", path, strerror(errno));
		return false;
	}
	*sum = 0;
	for (uint32_t i = 0; i < n; i++)
		*sum += write(c, i, out);
	good = !ferror(out);
	good = fclose(out) == 0 && good;
	if (!good)
		fprintf(stderr, "city: %s: %s\n", path, strerror(errno));
	return good;
}

static int usage(void)
{
	fprintf(stderr, "usage: city --data DIR --out DIR [--seed N] [--people %u..%u]\n",
	    CITY_PEOPLE_MIN, CITY_PEOPLE_MAX);
	return 2;
}

static bool number(const char *text, uint64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoull(text, &end, 10);
	return !errno && end != text && !*end && text[0] != '-';
}

int main(int argc, char **argv)
{
	static const struct option options[] = { { "data", required_argument, NULL, 'd' },
		{ "out", required_argument, NULL, 'o' },
		{ "seed", required_argument, NULL, 's' },
		{ "people", required_argument, NULL, 'p' }, { 0 } };
	const char *data = NULL;
	const char *dir = NULL;
	uint64_t seed = 2007;
	uint64_t people = 60000;
	struct city *c;
	struct city_size size;
	uint32_t posts, refused, sum;
	bool good;
	int o;

	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (o == 'd')
			data = optarg;
		else if (o == 'o')
			dir = optarg;
		else if (o == 's'
			     ? !number(optarg, &seed)
			     : o != 'p' || !number(optarg, &people) || people > CITY_PEOPLE_MAX)
			return usage();
	}
	if (!data || !dir || optind != argc)
		return usage();
	c = city_new(data, seed, (uint32_t)people);
	if (!c)
		return 1;
	size = city_size(c);
	good = write_file(c, dir, "employers", size.employers, employer, &sum) &&
	       write_file(c, dir, "posts", size.returns, city_write_posts, &posts) &&
	       write_file(c, dir, "returns", size.returns, city_write_return, &refused) &&
	       write_file(c, dir, "seekers", size.people, seeker, &sum) &&
	       write_file(c, dir, "households", size.households, household, &sum);
	if (good)
		printf(
		    "employers=%u approvals=%u returns=%u refused=%u vacancies=%u seekers=%u "
		    "households=%u\n",
		    size.employers, posts, size.returns, refused, size.vacancies, size.people,
		    size.households);
	city_free(c);
	return good ? 0 : 1;
}
