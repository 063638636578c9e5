/* Who stands still, and who reads in its place; see standing_in.h. */
#include "standing_in.h"

#include <poll.h>
#include <time.h>

/*
 * Who has not looked for so long stands still; more than any pause of the garbage collector. One that has nothing to do looks once a
 * second: its socket is found empty then.
 */
enum { STANDSTILL_MS = 100 };

void watch_init(Watch *watch) {
  pthread_mutex_init(&watch->socket_lock, NULL);
  watch->socket_fd = -1;
}

void watch_destroy(Watch *watch) { pthread_mutex_destroy(&watch->socket_lock); }

void watch_set_socket(Watch *watch, int fd) {
  pthread_mutex_lock(&watch->socket_lock);
  watch->socket_fd = fd;
  pthread_mutex_unlock(&watch->socket_lock);
}

void watch_looks(Watch *watch) {
  atomic_store_explicit(&watch->looked_ms, watch_now_ms(), memory_order_relaxed);
}

long long watch_now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool watch_begin(Watch *watch, long long now_ms) {
  if (atomic_load_explicit(&watch->looked_ms, memory_order_relaxed) > now_ms - STANDSTILL_MS) return false;
  if (pthread_mutex_trylock(&watch->socket_lock) != 0) return false;
  struct pollfd waiting = {.fd = watch->socket_fd, .events = POLLIN};
  if (waiting.fd >= 0 && poll(&waiting, 1, 0) == 1) return true;
  pthread_mutex_unlock(&watch->socket_lock);
  return false;
}

void watch_end(Watch *watch) { pthread_mutex_unlock(&watch->socket_lock); }
