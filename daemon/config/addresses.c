/*
 * "127.0.0.1:8080, [::1]:8080, unix:/path".
 *
 * It says whom an address is open to and refuses to know what is served there.  What is no
 * address is open: whoever binds it says what is wrong.
 */
#include "daemon/config/addresses.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

static bool is_loopback(const char *host)
{
	struct in6_addr six;
	struct in_addr four;

	if (inet_pton(AF_INET, host, &four) == 1)
		return ntohl(four.s_addr) >> 24 == IN_LOOPBACKNET;
	return inet_pton(AF_INET6, host, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

static bool is_local(const char *text, size_t n)
{
	const char *colon = memrchr(text, ':', n);
	char host[INET6_ADDRSTRLEN] = "";

	if (n > 5 && memcmp(text, "unix:", 5) == 0)
		return true;
	n = colon ? (size_t)(colon - text) : 0;
	if (n > 2 && text[0] == '[' && text[n - 1] == ']') {
		text++;
		n -= 2;
	}
	if (n >= sizeof(host))
		return false;
	memcpy(host, text, n);
	return is_loopback(host);
}

const char *addresses_open(const char *list, size_t *n)
{
	for (const char *at = list + strspn(list, ", "); *at; at += strspn(at, ", ")) {
		*n = strcspn(at, ", ");
		if (!is_local(at, *n))
			return at;
		at += *n;
	}
	return NULL;
}

static bool is_client(const char *text, size_t n)
{
	char host[INET6_ADDRSTRLEN] = "";
	struct in6_addr six;
	struct in_addr four;

	if (n >= sizeof(host))
		return false;
	memcpy(host, text, n);
	return strcmp(host, "unix") == 0 || inet_pton(AF_INET, host, &four) == 1 ||
	       inet_pton(AF_INET6, host, &six) == 1;
}

const char *addresses_without_port(const char *list, size_t *n)
{
	for (const char *at = list + strspn(list, ", "); *at; at += strspn(at, ", ")) {
		*n = strcspn(at, ", ");
		if (!is_client(at, *n))
			return at;
		at += *n;
	}
	return NULL;
}
