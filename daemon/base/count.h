/*
 * How many entries an array has.
 */
#ifndef DAEMON_BASE_COUNT_H
#define DAEMON_BASE_COUNT_H

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
