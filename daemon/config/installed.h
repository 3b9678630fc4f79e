/*
 * Where the files of this program are, under the folder that it was installed to.
 */
#ifndef DAEMON_CONFIG_INSTALLED_H
#define DAEMON_CONFIG_INSTALLED_H

/* The place, under this program's own prefix, of a file that Debian has at /etc/vacancyd or
 * /usr/share/vacancyd; any other path, and that of a program that is not installed, as it
 * is.  To be freed. */
char *installed_path(const char *shipped);

#endif
