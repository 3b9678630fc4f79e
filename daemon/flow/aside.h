/*
 * What aside.c needs of flow.c, inside flow only.
 */
#ifndef DAEMON_FLOW_ASIDE_H
#define DAEMON_FLOW_ASIDE_H

struct event_base;
struct flow;

struct event_base *flow_base(const struct flow *f);

#endif
