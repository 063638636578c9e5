/* Slots of the arena, and the records that tell TypeScript what arrived in them. */
#ifndef RECORDS_H
#define RECORDS_H

#include "address_table.h"

/* A free slot, marked taken, or -1. */
int slot_take(Io *io);
void slot_release(Io *io, int slot);
void receive_record(Io *io, int slot, size_t length, int kind, int peer, const Address *from);

#endif
