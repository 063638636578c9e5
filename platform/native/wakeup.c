/*
 * When packets come one by one, each wakes this thread up, and waking up costs more than a packet. Then
 * we wait a moment before we read, so that what comes meanwhile is read along: as long as it takes that
 * what is read makes work enough for a wake-up, and no longer. So nobody waits where packets come in large
 * batches anyway, or when the processor is busy; nor when it is quiet, when waiting gathers hardly any.
 */
#include "wakeup.h"
#include "packet_io.h"

#include <time.h>

enum {
  /* Work enough for a wake-up, which itself takes ten or twenty. */
  ENOUGH_US = 200,
  /* The window follows what is missing to that in steps of this part of it. */
  STEP = 8,
  /* A shorter sleep is not worth going to sleep for; and sleeping takes so much longer than asked for (timer slack). */
  SHORTEST_US = 100,
  SLACK_US = 50,
  PERIOD = 64, /* wake-ups after which we think again */
  /* So many wake-ups in less time than this are too many: 4000 a second. */
  BUSY_PERIOD_US = 16000,
  /* In more than this they are few (500 a second), and so they are when waiting gathers fewer datagrams than this. */
  QUIET_PERIOD_US = 128000,
  FEW_DATAGRAMS = PERIOD * 3 / 2,
};

static int64_t now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void wakeup_begin(Io *io) {
  Wakeup *wakeup = &io->wakeup;
  if (io->batch_window_us == 0) return;
  if (wakeup->waits && wakeup->window_us >= SHORTEST_US) {
    struct timespec moment = {.tv_nsec = (wakeup->window_us - SLACK_US) * 1000L};
    (void)nanosleep(&moment, NULL);
    count(io, RX_WAITS, 1);
  }
  wakeup->began_us = now_us();
}

void wakeup_end(Io *io, int datagrams) {
  Wakeup *wakeup = &io->wakeup;
  if (io->batch_window_us == 0) return;
  int64_t now = now_us(), worked_us = now - wakeup->began_us;
  int64_t window_us = wakeup->window_us + (ENOUGH_US - worked_us) / STEP;
  if (window_us > io->batch_window_us) window_us = io->batch_window_us;
  wakeup->window_us = window_us > 0 && wakeup->waits ? (int)window_us : 0;
  wakeup->datagrams += datagrams;
  if (++wakeup->count < PERIOD) return;
  int64_t took_us = now - wakeup->period_us;
  wakeup->waits = wakeup->waits
                      ? took_us < QUIET_PERIOD_US && wakeup->datagrams >= FEW_DATAGRAMS
                      : took_us < BUSY_PERIOD_US;
  wakeup->count = 0;
  wakeup->datagrams = 0;
  wakeup->period_us = now;
}
