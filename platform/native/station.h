/*
 * Stations: the instances of one process that share a UDP port, one for each worker (SO_REUSEPORT). The
 * kernel spreads datagrams over their sockets without knowing whose they are; what lands on the wrong one
 * is handed over here. Relays between workers take the same way. See docs/adr/0006-workers-and-relays.md.
 *
 * The only state that threads share is in station.c, behind locks that are held for a copy at most. Mail is
 * copied; no pointer of one instance is ever seen by another, so that each may end at any moment.
 */
#ifndef STATION_H
#define STATION_H

#include "mailbox.h"
#include "packet_io.h"

enum {
  MAX_STATIONS = 16,
};

/*
 * Opens the socket like socket_open and takes place `number` (0..MAX_STATIONS-1) among those who share it.
 * 0, or an errno: EADDRINUSE also when the place is taken.
 */
int station_join(Io *io, int number, const char *address, int port, bool segmentation);
void station_leave(Io *io);
/* Others are here too. */
bool station_has_company(const Io *io);
/* Readable when there is mail. */
int station_event_fd(const Io *io);
/* Not readable any more, until there is new mail: to be called before the mail is taken. */
void station_hush(Io *io);

/* This station is alive: to be called in each round. */
void station_looks(Io *io);
/* The same between rounds. When another stands still and its socket fills, there is mail, so that `station_stand_in` is called. */
void station_tick(Io *io);
/*
 * Has `drain` read the sockets of other stations that stand still (a thread that hangs, or is busy with one thing for long): part of
 * what is there is not theirs. `drain` returns whether it left something.
 */
void station_stand_in(Io *io, bool (*drain)(Io *io, int fd));

/* Whose peer has the address: this station from now on. False: another's, unless it is `proven`. */
bool station_claim(Io *io, const Address *address, bool is_proven);
void station_release(Io *io, const Address *address);
/* Whether another station's peer has the address. */
bool station_is_elsewhere(Io *io, const Address *address);

/* Hands datagrams over to the station whose peer `mail->from` is; false when there is none. */
bool station_hand_over(Io *io, const Mail *mail, const uint8_t *data);
/* The same for a STUN message by what it says: our user name, or our transaction id. */
bool station_hand_over_stun(Io *io, const Mail *mail, const uint8_t *data);
/* Sends a packet to the other end of a relay. False: gone, or its mailbox is full. */
bool station_relay(Io *io, const RelayAddress *to, int packet_kind, const uint8_t *data, size_t bytes);

/*
 * The next mail, its bytes at `*data` until the next call; false when there is none. After the last call of a
 * round `station_rest` sees to it that what is left wakes us up again.
 */
bool station_next_mail(Io *io, Mail *mail, const uint8_t **data);
void station_rest(Io *io);

int station_number(const Io *io);
uint32_t station_new_relay_id(void);

#endif
