/*
 * What the fuzz targets of the addon's C code share: an Io as addon.c makes it, but with its memory on
 * the heap, one allocation for each array, so that the address sanitizer sees each of their ends; and
 * the fuzzer's bytes as numbers. System calls are replaced (--wrap), so nothing reaches a network.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include "certificate.h"
#include "packet_io.h"
#include "receive.h"
#include "records.h"
#include "socket.h"

enum { FUZZ_SLOTS = 16, FUZZ_TX = 64 };

/* The Io is made once; peers are made and removed by each input. */
Io *fuzz_io(void);
/* Ends the process with a message that names the promise that was broken. */
void fuzz_expect(bool holds, const char *promise);
/* Removes all peers and events; every slot must be free again. */
void fuzz_reset(Io *io);

typedef struct {
  const uint8_t *bytes;
  size_t left;
} Input;

/* 0 behind the end. */
uint8_t take8(Input *input);
uint16_t take16(Input *input);
uint32_t take32(Input *input);
/* Up to `wanted` bytes; how many there are. */
size_t take_bytes(Input *input, size_t wanted, const uint8_t **out);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
