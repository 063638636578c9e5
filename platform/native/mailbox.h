/*
 * What other threads have for one station: a buffer that they fill under a lock, and one that the station reads meanwhile. When it has
 * read its own, they change places. Mail is copied in; no thread ever sees what belongs to another.
 */
#ifndef MAILBOX_H
#define MAILBOX_H

#include <pthread.h>

#include "packet_io.h"

enum {
  /*
   * What waits for one station; more is dropped and counted by who sends it. As much as its socket holds: with less, a thread that
   * does not run for a moment loses what comes from others only. 2 MB were a tenth of a second of what two busy workers relay.
   */
  MAILBOX_BYTES = 16 << 20,
  /* Of it, what a station keeps in memory when it has been read; a multiple of a page. */
  KEPT_BYTES = 1 << 20,
};

typedef enum {
  MAIL_DATAGRAMS,     /* as the socket gave them: one or more of `segment` bytes */
  MAIL_RELAYED,       /* a plain RTP or RTCP packet for the relay `relay` */
  MAIL_ADDRESS_TAKEN, /* `from` belongs to a peer of another station now */
} MailKind;

typedef struct {
  MailKind kind;
  uint32_t bytes;
  uint32_t segment;
  int packet_kind; /* of what is relayed: KIND_RTP or KIND_RTCP */
  RelayAddress relay;
  int64_t arrival_us; /* CLOCK_REALTIME */
  Address from;
} Mail;

typedef struct {
  pthread_mutex_t lock;
  /* Under the lock. NULL while nobody reads it. */
  uint8_t *filling;
  size_t filled;
  int event_fd;
} Mailbox;

/* Of the one who reads a mailbox: what it took out, and how far it has read. */
typedef struct {
  uint8_t *reading;
  size_t read, readable;
} MailReader;

void mailbox_init(Mailbox *mailbox);
void mailbox_destroy(Mailbox *mailbox);
/* For a reader, woken by `event_fd`. False when it has one, or there is no memory. */
bool mailbox_open(Mailbox *mailbox, MailReader *reader, int event_fd);
/* From here on nobody writes to it, nor to its descriptor, which is closed. */
void mailbox_close(Mailbox *mailbox, MailReader *reader);

/* By any thread. False when nobody reads it, or too much waits. */
bool mailbox_post(Mailbox *mailbox, const Mail *mail, const uint8_t *data);

/* By its reader: the next mail, with its data until the call after this one. */
bool mailbox_next(Mailbox *mailbox, MailReader *reader, Mail *mail, const uint8_t **data);
/* Wakes the reader when it has left something. */
void mailbox_rest(Mailbox *mailbox, const MailReader *reader);
/* Its descriptor is not readable any more, until there is new mail or somebody wakes it. */
void mailbox_hush(Mailbox *mailbox);
void mailbox_wake(Mailbox *mailbox);

#endif
