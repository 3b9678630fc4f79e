/*
 * The child that writes the kept keys: it holds nothing of its parent's, and one at a time.
 *
 * What it writes, and how, is a fake here.
 */
#include "daemon/keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/kept_file.h"
#include "daemon/kept_post.h"

static int n_taken;

const void *kept_post_see(size_t *n)
{
	*n = 4;
	return "keys";
}

void kept_post_taken(void)
{
	n_taken++;
}

/* In the child: fails, and says by which error, when it holds anything but its three. */
bool kept_write(const char *path, const void *bytes, size_t n)
{
	errno = strcmp(path, "dir/" KEPT_NAME) == 0 && n == 4 && memcmp(bytes, "keys", 4) == 0
		    ? EMFILE
		    : EINVAL;
	for (int fd = 3; fd < 1024; fd++)
		if (fcntl(fd, F_GETFD) != -1)
			return false;
	return true;
}

static void the_child_that_writes_holds_no_socket(void **state)
{
	int pair[2], how;
	pid_t child;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	keeper_look("dir");
	keeper_look("dir"); /* while one writes there is no other */
	child = wait(&how);
	assert_true(child > 0);
	assert_true(WIFEXITED(how));
	assert_int_equal(WEXITSTATUS(how), 0);
	assert_int_equal(n_taken, 0);
	assert_false(keeper_ended(child + 1, how));
	assert_true(keeper_ended(child, how));
	assert_int_equal(n_taken, 1);
	assert_int_equal(wait(&how), -1);
	close(pair[0]);
	close(pair[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_child_that_writes_holds_no_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
