/* Stations; see station.h. */
#include "station.h"
#include "socket.h"
#include "standing_in.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

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
  Watch watches[MAX_STATIONS];
} Exchange;

struct Station {
  Exchange *exchange;
  Mailbox *mailbox;
  Watch *watch;
  int number;
  MailReader reader;
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
    mailbox_init(&exchange->mailboxes[i]);
    watch_init(&exchange->watches[i]);
  }
  return exchange;
}

static void exchange_destroy(Exchange *exchange) {
  for (int i = 0; i < MAX_STATIONS; i++) {
    mailbox_destroy(&exchange->mailboxes[i]);
    watch_destroy(&exchange->watches[i]);
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

static int join(Io *io, Station *station, const char *address, int port, bool segmentation) {
  const char *name = address ? address : "";
  Exchange *exchange = port > 0 ? exchange_find(name, port) : NULL;
  bool is_first = exchange == NULL;
  if (is_first) exchange = exchange_create(name);
  int event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  int error = !exchange || event_fd < 0 ? ENOMEM : 0;
  Mailbox *mailbox = exchange ? &exchange->mailboxes[station->number] : NULL;
  bool is_open = !error && mailbox_open(mailbox, &station->reader, event_fd);
  if (!error && !is_open) error = EADDRINUSE;
  /* The first of us binds alone, so that another program on this port is noticed. */
  if (!error) error = socket_open(io, address, port, segmentation, is_first ? SHARED_LATER : SHARED);
  if (!error) {
    station->exchange = exchange;
    station->mailbox = mailbox;
    station->watch = &exchange->watches[station->number];
    watch_looks(station->watch);
    watch_set_socket(station->watch, io->fd);
    exchange->port = io->port;
    exchange->users++;
    atomic_fetch_add(&exchange->open, 1);
    if (is_first) {
      exchange->next = exchanges;
      exchanges = exchange;
    }
    return 0;
  }
  if (is_open) mailbox_close(mailbox, &station->reader);
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
  watch_set_socket(station->watch, -1);
  mailbox_close(station->mailbox, &station->reader);
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
  free(station);
}

int station_number(const Io *io) { return io->station->number; }

int station_event_fd(const Io *io) { return io->station->mailbox->event_fd; }

void station_hush(Io *io) { mailbox_hush(io->station->mailbox); }

bool station_next_mail(Io *io, Mail *mail, const uint8_t **data) {
  Station *station = io->station;
  return mailbox_next(station->mailbox, &station->reader, mail, data);
}

void station_rest(Io *io) { mailbox_rest(io->station->mailbox, &io->station->reader); }

/* ---- standing in ---- */

void station_looks(Io *io) { watch_looks(io->station->watch); }

/* Calls `look` with the socket of every other station that stands still and has something to read there, until it returns true; whether
 * that happened. */
static bool for_standing_still(Io *io, bool (*look)(Io *io, int fd)) {
  Exchange *exchange = io->station->exchange;
  long long now_ms = watch_now_ms();
  bool is_done = false;
  for (int i = 0; i < MAX_STATIONS && !is_done; i++) {
    Watch *other = &exchange->watches[i];
    if (other == io->station->watch || !watch_begin(other, now_ms)) continue;
    is_done = look(io, other->socket_fd);
    watch_end(other);
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
  if (station_has_company(io) && for_standing_still(io, found)) mailbox_wake(io->station->mailbox);
}

void station_stand_in(Io *io, bool (*drain)(Io *io, int fd)) {
  /* What is left is read in the next round. */
  if (station_has_company(io) && for_standing_still(io, drain)) mailbox_wake(io->station->mailbox);
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
    if (!mailbox_post(before, &mail, NULL)) count(io, HANDOVER_DROPPED, 1);
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
  count(io, mailbox_post(to, mail, data) ? HANDED_OVER : HANDOVER_DROPPED, datagrams);
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
  bool ok = mailbox_post(&io->station->exchange->mailboxes[to->station], &mail, data);
  count(io, ok ? RELAYED : RELAY_DROPPED, 1);
  return ok;
}
