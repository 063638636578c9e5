/* Waiting a moment before reading, when wake-ups are many. */
#ifndef WAKEUP_H
#define WAKEUP_H

#include "layout.h"

enum { MAX_BATCH_WINDOW_US = 2000 };

typedef struct {
  bool waits;
  int window_us; /* how long, when it waits */
  int64_t began_us;     /* when this wake-up began to read */
  int count, datagrams; /* of this period */
  int64_t period_us;    /* when it began */
} Wakeup;

/* Before reading: sleeps when that is worth it. */
void wakeup_begin(Io *io);
/* When all that was read is done with, so many datagrams. */
void wakeup_end(Io *io, int datagrams);

#endif
