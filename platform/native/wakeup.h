/* Waiting a moment before reading, when wake-ups are many. */
#ifndef WAKEUP_H
#define WAKEUP_H

#include "layout.h"

enum { MAX_BATCH_WINDOW_US = 2000 };

typedef struct {
  bool waits, are_few;
  int last_batch; /* datagrams */
  int count, datagrams; /* of this period */
  int64_t period_ms;    /* when it began */
} Wakeup;

/* Before reading: sleeps for the batch window when wake-ups are many. */
void wakeup_wait(Io *io);
/* After reading so many datagrams. */
void wakeup_note(Io *io, int datagrams);

#endif
