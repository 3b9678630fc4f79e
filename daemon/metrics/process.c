/*
 * How the process is, as the kernel tells it of itself: time, memory, files.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "daemon/metrics/metrics.h"

static int64_t of_clock(clockid_t clock, int64_t a_second)
{
	struct timespec t = { 0 };

	clock_gettime(clock, &t);
	return (int64_t)t.tv_sec * a_second + t.tv_nsec / (1000000000 / a_second);
}

static int64_t resident_bytes(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	char line[128], *second = NULL;

	if (!f)
		return 0;
	if (fgets(line, sizeof(line), f))
		second = strchr(line, ' ');
	fclose(f);
	return second ? strtol(second, NULL, 10) * sysconf(_SC_PAGESIZE) : 0;
}

static int64_t open_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	int64_t n = 0;

	if (!d)
		return 0;
	while (readdir(d))
		n++;
	closedir(d);
	return n - 3; /* itself, "." and ".." */
}

int64_t metrics_measure_process(void)
{
	int64_t resident = resident_bytes();
	static int64_t started_ms;
	struct rlimit files = { 0 };

	if (!started_ms)
		started_ms = of_clock(CLOCK_REALTIME, 1000);
	getrlimit(RLIMIT_NOFILE, &files);
	metric_set(M_PROCESS_CPU_US, of_clock(CLOCK_PROCESS_CPUTIME_ID, 1000000));
	metric_set(M_PROCESS_RESIDENT_BYTES, resident);
	metric_set(M_PROCESS_OPEN_FILES, open_files());
	metric_set(M_PROCESS_MOST_FILES, (int64_t)files.rlim_cur);
	metric_set(M_PROCESS_START_MS, started_ms);
	return resident;
}
