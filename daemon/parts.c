/*
 * Reading the parts, in their order; and again, while they are in use.
 *
 * It knows where each comes from and nothing of what it does.  The vault's
 * locked memory is not locked in a forked worker; the unit file forbids swap
 * instead (MemorySwapMax=0).
 */
#include "daemon/parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemon/api/app.h"
#include "daemon/base/private_file.h"
#include "daemon/catalog/catalog.h"
#include "daemon/catalog/permissions.h"
#include "daemon/catalog/years.h"
#include "daemon/http/tls.h"
#include "daemon/log/log.h"
#include "daemon/vault/vault.h"

#define PASSWORD_MOST ((size_t)512)

static bool read_password(struct parts *p, const char *path)
{
	const char *why;

	if (!*path)
		return true;
	p->board_password = private_file_line(path, PASSWORD_MOST, &why);
	if (!p->board_password)
		fprintf(stderr, "%s: %s\n", path, why);
	return p->board_password;
}

static bool read_certificate(struct parts *p)
{
	if (*p->config->tls_listen)
		p->tls = tls_read(p->config->tls_certificate, p->config->tls_key);
	return p->tls || !*p->config->tls_listen;
}

bool parts_read(struct parts *p, const char *config_path)
{
	const char *why = NULL;

	*p = (struct parts){ 0 };
	p->config = config_read(config_path);
	if (!p->config)
		return false;
	p->catalog = catalog_read(p->config->data_dir, p->config->city);
	if (!p->catalog)
		goto release;
	if (!year_check(p->config->data_dir, p->config->city, p->config->plan_year))
		goto release;
	p->permissions = permissions_read(p->config->data_dir);
	if (!p->permissions)
		goto release;
	p->routes = authorised_routes(p->permissions);
	if (!p->routes)
		goto release;
	if (!policy_read(p->config->policy, &p->policy))
		goto release;
	p->vault = vault_open_file(p->config->master_key, &why);
	if (!p->vault) {
		fprintf(stderr, "%s: %s\n", p->config->master_key, why);
		goto release;
	}
	if (access(p->config->import_dir, W_OK | X_OK) != 0) {
		fprintf(stderr, "%s: import_dir: %s: %s\n", config_path, p->config->import_dir,
		    strerror(errno));
		goto release;
	}
	if (!read_password(p, p->config->board_password_file) || !read_certificate(p))
		goto release;
	return true;

release:
	parts_release(p);
	return false;
}

const char *parts_days_fault(const struct parts *p)
{
	int64_t now = (int64_t)time(NULL);

	if (p->tls && tls_valid_until(p->tls) < now)
		return "the certificate has expired";
	if (p->tls && tls_valid_from(p->tls) > now)
		return "the certificate is not valid yet";
	return NULL;
}

void parts_release(struct parts *p)
{
	if (p->board_password)
		explicit_bzero(p->board_password, strlen(p->board_password));
	free(p->board_password);
	tls_free(p->tls);
	vault_free(p->vault);
	free(p->routes);
	permissions_free(p->permissions);
	catalog_free(p->catalog);
	config_free(p->config);
	*p = (struct parts){ 0 };
}

/* What the sockets and the slots were made from stays until a restart. */
static bool may_replace(const struct config *is, const struct config *wanted)
{
	return is->city == wanted->city && is->sandbox == wanted->sandbox &&
	       is->workers == wanted->workers && strcmp(is->listen, wanted->listen) == 0 &&
	       strcmp(is->tls_listen, wanted->tls_listen) == 0 &&
	       strcmp(is->admin_socket, wanted->admin_socket) == 0 &&
	       strcmp(is->metrics_listen, wanted->metrics_listen) == 0;
}

bool parts_read_again(struct parts *p, const char *config_path)
{
	struct parts fresh;
	const char *why;

	if (!parts_read(&fresh, config_path)) {
		log_event(LOG_LEVEL_ERROR, "daemon.not-reloaded", "why", "faults", NULL);
		return false;
	}
	why = parts_days_fault(&fresh);
	if (!may_replace(p->config, fresh.config))
		why = "addresses, city, sandbox and workers change with a restart";
	else if (parts_days_fault(p))
		why = NULL; /* it is so already */
	if (why) {
		log_event(LOG_LEVEL_ERROR, "daemon.not-reloaded", "why", why, NULL);
		parts_release(&fresh);
		return false;
	}
	parts_release(p);
	*p = fresh;
	return true;
}
