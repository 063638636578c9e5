/*
 * A station that hangs, or is busy with one thing for long, leaves its socket unread, though part of what is there is not its own. So
 * each shows when it last looked, and lets others read its socket when that was long ago. See station.h.
 */
#ifndef STANDING_IN_H
#define STANDING_IN_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

/* Of one station, seen by all threads. */
typedef struct {
  /* When it last looked (CLOCK_MONOTONIC_COARSE). */
  atomic_llong looked_ms;
  /* Held by whoever reads the socket in its place. No other lock is taken meanwhile but those of mail and addresses. */
  pthread_mutex_t socket_lock;
  int socket_fd; /* under it; -1 while there is none */
} Watch;

void watch_init(Watch *watch);
void watch_destroy(Watch *watch);
/* From here on others read the socket when its station stands still; with -1 they do not any more. */
void watch_set_socket(Watch *watch, int fd);
/* Its station is alive. */
void watch_looks(Watch *watch);

long long watch_now_ms(void);
/* Whether its station stood still at `now_ms`, and there is something to read; then its socket is locked. */
bool watch_begin(Watch *watch, long long now_ms);
void watch_end(Watch *watch);

#endif
