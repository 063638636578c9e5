/* Stations and their mailboxes; see station.h. */
#include "station.h"
#include "socket.h"
#include "standing_in.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct {
  pthread_mutex_t lock;
  /* Under the lock. NULL while nobody has this place. */
  uint8_t *filling;
  size_t filled;
  int event_fd;
  Watch watch;
} Mailbox;

/* All who share one socket address. */
typedef struct Exchange {
  struct Exchange *next;
  char address[64];
  int port;
  int users; /* under `exchanges_lock` */
  atomic_int open;
  pthread_rwlock_t owners_lock;
  AddressTable owners; /* to Mailbox */
  Mailbox mailboxes[MAX_STATIONS];
} Exchange;

struct Station {
  Exchange *exchange;
  Mailbox *mailbox;
  int number;
  /* What we took out of the mailbox, and how far it was read. */
  uint8_t *reading;
  size_t read, readable;
};

static pthread_mutex_t exchanges_lock = PTHREAD_MUTEX_INITIALIZER;
static Exchange *exchanges;
static atomic_uint last_relay_id;

uint32_t station_new_relay_id(void) {
  uint32_t id;
  do id = atomic_fetch_add(&last_relay_id, 1) + 1;
  while (id == 0);
  return id;
}

/* ---- coming and going ---- */

static Exchange *exchange_create(const char *address) {
  Exchange *exchange = calloc(1, sizeof *exchange);
  if (!exchange) return NULL;
  if (!address_table_init(&exchange->owners)) {
    address_table_free(&exchange->owners);
    free(exchange);
    return NULL;
  }
  (void)strncpy(exchange->address, address, sizeof exchange->address - 1);
  pthread_rwlock_init(&exchange->owners_lock, NULL);
  for (int i = 0; i < MAX_STATIONS; i++) {
    pthread_mutex_init(&exchange->mailboxes[i].lock, NULL);
    watch_init(&exchange->mailboxes[i].watch);
  }
  return exchange;
}

static void exchange_destroy(Exchange *exchange) {
  for (int i = 0; i < MAX_STATIONS; i++) {
    pthread_mutex_destroy(&exchange->mailboxes[i].lock);
    watch_destroy(&exchange->mailboxes[i].watch);
  }
  pthread_rwlock_destroy(&exchange->owners_lock);
  address_table_free(&exchange->owners);
  free(exchange);
}

static Exchange *exchange_find(const char *address, int port) {
  for (Exchange *exchange = exchanges; exchange; exchange = exchange->next) {
    if (exchange->port == port && strcmp(exchange->address, address) == 0) return exchange;
  }
  return NULL;
}

/* A buffer for mail, or NULL. Its pages take memory once they have been written to. */
static uint8_t *buffer_create(void) {
  void *buffer = mmap(NULL, MAILBOX_BYTES, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return buffer == MAP_FAILED ? NULL : buffer;
}

static void buffer_free(uint8_t *buffer) {
  if (buffer) munmap(buffer, MAILBOX_BYTES);
}

/* Gives back what only a standstill has filled, of the first `used` bytes; nothing in it is needed any more. */
static void buffer_shrink(uint8_t *buffer, size_t used) {
  if (used > KEPT_BYTES) madvise(buffer + KEPT_BYTES, used - KEPT_BYTES, MADV_DONTNEED);
}

/* Whether the mailbox was free and there is memory for it. */
static bool mailbox_open(Mailbox *mailbox, int event_fd) {
  bool ok = false;
  pthread_mutex_lock(&mailbox->lock);
  if (!mailbox->filling) {
    mailbox->filling = buffer_create();
    mailbox->filled = 0;
    mailbox->event_fd = event_fd;
    ok = mailbox->filling != NULL;
  }
  pthread_mutex_unlock(&mailbox->lock);
  return ok;
}

/* From here on nobody writes to it, nor to its descriptor. */
static void mailbox_close(Mailbox *mailbox) {
  pthread_mutex_lock(&mailbox->lock);
  buffer_free(mailbox->filling);
  mailbox->filling = NULL;
  close(mailbox->event_fd);
  pthread_mutex_unlock(&mailbox->lock);
}

static int join(Io *io, Station *station, const char *address, int port, bool segmentation) {
  const char *name = address ? address : "";
  Exchange *exchange = port > 0 ? exchange_find(name, port) : NULL;
  bool is_first = exchange == NULL;
  if (is_first) exchange = exchange_create(name);
  int event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  station->reading = buffer_create();
  int error = !exchange || event_fd < 0 || !station->reading ? ENOMEM : 0;
  Mailbox *mailbox = exchange ? &exchange->mailboxes[station->number] : NULL;
  bool is_open = !error && mailbox_open(mailbox, event_fd);
  if (!error && !is_open) error = EADDRINUSE;
  /* The first of us binds alone, so that another program on this port is noticed. */
  if (!error) error = socket_open(io, address, port, segmentation, is_first ? SHARED_LATER : SHARED);
  if (!error) {
    station->exchange = exchange;
    station->mailbox = mailbox;
    watch_looks(&mailbox->watch);
    watch_set_socket(&mailbox->watch, io->fd);
    exchange->port = io->port;
    exchange->users++;
    atomic_fetch_add(&exchange->open, 1);
    if (is_first) {
      exchange->next = exchanges;
      exchanges = exchange;
    }
    return 0;
  }
  if (is_open) mailbox_close(mailbox);
  else if (event_fd >= 0) close(event_fd);
  if (is_first && exchange) exchange_destroy(exchange);
  return error;
}

int station_join(Io *io, int number, const char *address, int port, bool segmentation) {
  Station *station = calloc(1, sizeof *station);
  if (!station) return ENOMEM;
  station->number = number;
  pthread_mutex_lock(&exchanges_lock);
  int error = join(io, station, address, port, segmentation);
  pthread_mutex_unlock(&exchanges_lock);
  if (error) {
    buffer_free(station->reading);
    free(station);
    return error;
  }
  io->station = station;
  return 0;
}

void station_leave(Io *io) {
  Station *station = io->station;
  if (!station) return;
  io->station = NULL;
  Exchange *exchange = station->exchange;
  watch_set_socket(&station->mailbox->watch, -1);
  mailbox_close(station->mailbox);
  pthread_rwlock_wrlock(&exchange->owners_lock);
  address_table_remove_owner(&exchange->owners, station->mailbox);
  pthread_rwlock_unlock(&exchange->owners_lock);
  atomic_fetch_sub(&exchange->open, 1);
  pthread_mutex_lock(&exchanges_lock);
  if (--exchange->users == 0) {
    Exchange **link = &exchanges;
    while (*link != exchange) link = &(*link)->next;
    *link = exchange->next;
    exchange_destroy(exchange);
  }
  pthread_mutex_unlock(&exchanges_lock);
  buffer_free(station->reading);
  free(station);
}

int station_number(const Io *io) { return io->station->number; }

int station_event_fd(const Io *io) { return io->station->mailbox->event_fd; }

/* ---- mail ---- */

static size_t padded(size_t bytes) { return (bytes + 7) & ~(size_t)7; }

static void wake(int event_fd) {
  uint64_t one = 1;
  /* Fails only when it is readable already. */
  (void)!write(event_fd, &one, sizeof one);
}

/* False when nobody reads it, or too much waits. */
static bool post(Mailbox *mailbox, const Mail *mail, const uint8_t *data) {
  size_t bytes = sizeof *mail + padded(mail->bytes);
  pthread_mutex_lock(&mailbox->lock);
  bool ok = mailbox->filling && mailbox->filled + bytes <= MAILBOX_BYTES;
  if (ok) {
    uint8_t *at = mailbox->filling + mailbox->filled;
    memcpy(at, mail, sizeof *mail);
    if (mail->bytes) memcpy(at + sizeof *mail, data, mail->bytes);
    bool was_empty = mailbox->filled == 0;
    mailbox->filled += bytes;
    /* Once for all that comes until it is fetched. */
    if (was_empty) wake(mailbox->event_fd);
  }
  pthread_mutex_unlock(&mailbox->lock);
  return ok;
}

void station_hush(Io *io) {
  uint64_t ignored;
  (void)!read(io->station->mailbox->event_fd, &ignored, sizeof ignored);
}

/* Takes all that waits, and leaves the buffer that was read. */
static void fetch(Io *io) {
  Station *station = io->station;
  Mailbox *mailbox = station->mailbox;
  buffer_shrink(station->reading, station->readable);
  pthread_mutex_lock(&mailbox->lock);
  uint8_t *filled = mailbox->filling;
  station->readable = mailbox->filled;
  mailbox->filling = station->reading;
  mailbox->filled = 0;
  if (station->readable > 0) station_hush(io);
  pthread_mutex_unlock(&mailbox->lock);
  station->reading = filled;
  station->read = 0;
}

bool station_next_mail(Io *io, Mail *mail, const uint8_t **data) {
  Station *station = io->station;
  if (station->read == station->readable) {
    fetch(io);
    if (station->readable == 0) return false;
  }
  const uint8_t *at = station->reading + station->read;
  memcpy(mail, at, sizeof *mail);
  *data = at + sizeof *mail;
  station->read += sizeof *mail + padded(mail->bytes);
  return true;
}

void station_rest(Io *io) {
  Station *station = io->station;
  if (station->read < station->readable) wake(station->mailbox->event_fd);
}

/* ---- standing in ---- */

void station_looks(Io *io) { watch_looks(&io->station->mailbox->watch); }

/* Calls `look` with the socket of every other station that stands still and has something to read there, until it returns true; whether
 * that happened. */
static bool for_standing_still(Io *io, bool (*look)(Io *io, int fd)) {
  Exchange *exchange = io->station->exchange;
  long long now_ms = watch_now_ms();
  bool is_done = false;
  for (int i = 0; i < MAX_STATIONS && !is_done; i++) {
    Mailbox *other = &exchange->mailboxes[i];
    if (other == io->station->mailbox || !watch_begin(&other->watch, now_ms)) continue;
    is_done = look(io, other->watch.socket_fd);
    watch_end(&other->watch);
  }
  return is_done;
}

static bool found(Io *io, int fd) {
  (void)io, (void)fd;
  return true;
}

void station_tick(Io *io) {
  if (!io->station) return;
  station_looks(io);
  if (station_has_company(io) && for_standing_still(io, found)) wake(io->station->mailbox->event_fd);
}

void station_stand_in(Io *io, bool (*drain)(Io *io, int fd)) {
  /* What is left is read in the next round. */
  if (station_has_company(io) && for_standing_still(io, drain)) wake(io->station->mailbox->event_fd);
}

/* ---- whose is it? ---- */

bool station_has_company(const Io *io) {
  return io->station && atomic_load_explicit(&io->station->exchange->open, memory_order_relaxed) > 1;
}

static Mailbox *owner_of(Io *io, const Address *address) {
  Exchange *exchange = io->station->exchange;
  pthread_rwlock_rdlock(&exchange->owners_lock);
  Mailbox *owner = address_table_find(&exchange->owners, address);
  pthread_rwlock_unlock(&exchange->owners_lock);
  return owner;
}

bool station_is_elsewhere(Io *io, const Address *address) {
  if (!io->station) return false;
  Mailbox *owner = owner_of(io, address);
  return owner && owner != io->station->mailbox;
}

bool station_claim(Io *io, const Address *address, bool is_proven) {
  if (!io->station) return true;
  Exchange *exchange = io->station->exchange;
  Mailbox *self = io->station->mailbox;
  pthread_rwlock_wrlock(&exchange->owners_lock);
  Mailbox *before = address_table_find(&exchange->owners, address);
  bool ok = !before || before == self || is_proven;
  if (ok && before != self) ok = address_table_set(&exchange->owners, address, self);
  pthread_rwlock_unlock(&exchange->owners_lock);
  if (ok && before && before != self) {
    Mail mail = {.kind = MAIL_ADDRESS_TAKEN, .from = *address};
    if (!post(before, &mail, NULL)) count(io, HANDOVER_DROPPED, 1);
  }
  return ok;
}

void station_release(Io *io, const Address *address) {
  if (!io->station) return;
  Exchange *exchange = io->station->exchange;
  pthread_rwlock_wrlock(&exchange->owners_lock);
  if (address_table_find(&exchange->owners, address) == io->station->mailbox) {
    address_table_remove(&exchange->owners, address);
  }
  pthread_rwlock_unlock(&exchange->owners_lock);
}

/* ---- handing over ---- */

static void hand_over(Io *io, Mailbox *to, const Mail *mail, const uint8_t *data) {
  uint32_t datagrams = mail->segment ? (mail->bytes + mail->segment - 1) / mail->segment : 1;
  count(io, post(to, mail, data) ? HANDED_OVER : HANDOVER_DROPPED, datagrams);
}

bool station_hand_over(Io *io, const Mail *mail, const uint8_t *data) {
  if (!station_has_company(io)) return false;
  Mailbox *owner = owner_of(io, &mail->from);
  if (!owner || owner == io->station->mailbox) return false;
  hand_over(io, owner, mail, data);
  return true;
}

enum { STUN_HEADER = 20, STUN_USERNAME = 0x0006, RESPONSE_CLASS = 1 };

/*
 * The station a STUN message names, or -1. Each marks its user names and transaction ids with its number: the
 * first letter (`a` is 0), and the first byte (contract.ts, `station`).
 */
static int station_of_stun(const uint8_t *data, size_t length) {
  if (length < STUN_HEADER) return -1;
  if (data[0] & RESPONSE_CLASS) return data[8] < MAX_STATIONS ? data[8] : -1;
  for (size_t at = STUN_HEADER; at + 4 <= length;) {
    size_t bytes = get16(data + at + 2);
    if (at + 4 + bytes > length) return -1;
    if (get16(data + at) == STUN_USERNAME) {
      int station = bytes ? data[at + 4] - 'a' : -1;
      return station >= 0 && station < MAX_STATIONS ? station : -1;
    }
    at += 4 + ((bytes + 3) & ~(size_t)3);
  }
  return -1;
}

bool station_hand_over_stun(Io *io, const Mail *mail, const uint8_t *data) {
  if (!station_has_company(io)) return false;
  int number = station_of_stun(data, mail->bytes);
  if (number < 0 || number == io->station->number) return false;
  Mailbox *to = &io->station->exchange->mailboxes[number];
  hand_over(io, to, mail, data);
  return true;
}

bool station_relay(Io *io, const RelayAddress *to, int packet_kind, const uint8_t *data, size_t bytes) {
  if (!io->station || to->station < 0 || to->station >= MAX_STATIONS || bytes > SLOT_SIZE) return false;
  Mail mail = {.kind = MAIL_RELAYED, .bytes = (uint32_t)bytes, .packet_kind = packet_kind, .relay = *to};
  bool ok = post(&io->station->exchange->mailboxes[to->station], &mail, data);
  count(io, ok ? RELAYED : RELAY_DROPPED, 1);
  return ok;
}
