/*
 * When many packets come one by one, each wakes this thread up, and waking up costs more than a packet.
 * Then we wait a moment before we read, so that what comes meanwhile is read along. Not when it is
 * quiet, when nothing is gained, and not when packets come in large batches anyway. Longer when
 * they are few, each a voice of somebody: then a moment gathers hardly any.
 */
#include "packet_io.h"

#include <time.h>

enum {
  PERIOD = 64, /* wake-ups after which we think again */
  /* So many wake-ups in less time than this are too many: 4000 a second. */
  BUSY_PERIOD_MS = 16,
  /* Fewer datagrams than this in a period of waits: waiting is no use. */
  FEW_DATAGRAMS = PERIOD * 3 / 2,
  /* Fewer datagrams in a millisecond than this are few: the window is longer by this factor. */
  FEW_PER_MS = 20,
  LONGER_PERCENT = 250,
  /* A batch of this size pays for its wake-up; the next one will be like it. */
  LARGE_BATCH = 16,
};

static int64_t now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void wakeup_wait(Io *io) {
  const Wakeup *wakeup = &io->wakeup;
  if (!wakeup->waits || wakeup->last_batch >= LARGE_BATCH) return;
  long us = io->batch_window_us;
  if (wakeup->are_few) us = us * LONGER_PERCENT / 100;
  struct timespec moment = {.tv_nsec = us * 1000L};
  (void)nanosleep(&moment, NULL);
  count(io, RX_WAITS, 1);
}

void wakeup_note(Io *io, int datagrams) {
  Wakeup *wakeup = &io->wakeup;
  wakeup->last_batch = datagrams;
  wakeup->datagrams += datagrams;
  if (io->batch_window_us == 0 || ++wakeup->count < PERIOD) return;
  int64_t now = now_ms();
  wakeup->are_few = wakeup->datagrams < FEW_PER_MS * (now - wakeup->period_ms);
  wakeup->waits = wakeup->waits ? wakeup->datagrams >= FEW_DATAGRAMS
                                : now - wakeup->period_ms < BUSY_PERIOD_MS;
  wakeup->count = 0;
  wakeup->datagrams = 0;
  wakeup->period_ms = now;
}
