/*
 * packet-io: what the files of the addon share. Layouts of records are those of
 * platform/src/packet-io/contract.ts; a change there is a change here.
 *
 * One Io per createPacketIo(), used by one thread only. Any number of workers can load the addon; what
 * they share is in station.c alone.
 */
#ifndef PACKET_IO_H
#define PACKET_IO_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <openssl/evp.h>
#include <openssl/ssl.h>

enum {
  SLOT_SIZE = 2048,
  RX_WORDS = 5,
  TX_PACKET_WORDS = 8,
  TX_RUN_WORDS = 10,
  RUN_PACKETS = 64, /* at most, in one run */
  ADDRESS_BYTES = 20,
  RX_CAPACITY = 4096,       /* receive records; see receive.c for why it cannot overflow */
  MAX_PEERS = 65536,
  ADDRESSES_PER_PEER = 8,
  FINGERPRINTS_PER_PEER = 8,
  PENDING_DTLS_DATAGRAMS = 4, /* kept until startDtls; a post-quantum ClientHello takes two */
};

/* Words of a packet record: what is sent. */
enum TxPacket {
  TX_PACKET_SLOT,
  TX_PACKET_PAYLOAD,
  TX_PACKET_MARKER_TYPE_SEQUENCE,
  TX_PACKET_TIMESTAMP,
  TX_PACKET_COUNTER_A,
  TX_PACKET_COUNTER_B,
  TX_PACKET_PREFIX_PADDING,
  TX_PACKET_EXTENSION,
};

/* Words of a run record: which packets, to whom, under which numbers. */
enum TxRun {
  TX_RUN_PACKETS,
  TX_RUN_PEER,
  TX_RUN_SSRC,
  TX_RUN_SEQUENCE,
  TX_RUN_ROLLOVER_COUNTER,
  TX_RUN_TIMESTAMP_OFFSET,
  TX_RUN_EXTENSION_A,
  TX_RUN_EXTENSION_B,
  TX_RUN_ADD_A,
  TX_RUN_ADD_B,
};

enum PacketKind { KIND_STUN = 0, KIND_RTP = 1, KIND_RTCP = 2, KIND_APPLICATION_DATA = 3 };

/* Order of the counters array; the same list is in packet-io.ts. */
enum Counter {
  RX_PACKETS,
  RX_BYTES,
  TX_PACKETS,
  TX_BYTES,
  RX_UNKNOWN_ADDRESS,
  RX_AUTH_FAILED,
  RX_REPLAYED,
  RX_INVALID,
  RX_NO_SLOT,
  TX_DROPPED,
  TX_INVALID,
  RX_CALLS,
  TX_CALLS,
  TX_MESSAGES,
  RX_WAITS,
  HANDED_OVER,
  HANDOVER_DROPPED,
  RELAYED,
  RELAY_DROPPED,
  COUNTERS
};

/* ---- bytes ---- */

static inline uint16_t get16(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }
static inline uint32_t get32(const uint8_t *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}
static inline void put16(uint8_t *p, uint32_t v) {
  p[0] = (uint8_t)(v >> 8);
  p[1] = (uint8_t)v;
}
static inline void put32(uint8_t *p, uint32_t v) {
  put16(p, v >> 16);
  put16(p + 2, v);
}

/* ---- gcm.c ---- */

enum { GCM_IV = 12, GCM_TAG = 16 };

/* For EVP_CipherInit_ex(). */
const EVP_CIPHER *gcm_cipher(void);
/* Authenticates both parts of `aad` and encrypts `in` to `out`, which may be the same; the tag comes behind it. */
bool gcm_seal(EVP_CIPHER_CTX *c, const uint8_t *iv, const uint8_t *aad, size_t aad_length,
              const uint8_t *aad2, size_t aad2_length, const uint8_t *in, uint8_t *out,
              size_t length);
/* The tag is behind `in`. False when it is wrong: then `out` holds nothing to be used. */
bool gcm_open(EVP_CIPHER_CTX *c, const uint8_t *iv, const uint8_t *aad, size_t aad_length,
              const uint8_t *aad2, size_t aad2_length, const uint8_t *in, size_t length,
              uint8_t *out);

/* ---- srtp_cipher.c: RFC 3711 and RFC 7714 transforms under one pair of master key and salt ---- */

typedef enum { PROFILE_NONE = 0, PROFILE_AES128_CM_SHA1_80 = 1, PROFILE_AEAD_AES_128_GCM = 7 } SrtpProfile;

enum {
  SRTP_KEY_BYTES = 16,
  SRTP_AUTH_KEY_BYTES = 20,
  SRTP_MAX_SALT_BYTES = 14,
  SRTP_MAX_OVERHEAD = 20, /* tag 16 or 10, and the SRTCP index word */
};

typedef struct {
  EVP_CIPHER_CTX *cipher;
  EVP_MAC_CTX *mac; /* counter mode only */
  const void *state; /* key schedule and more, where OpenSSL tells; for prefetching */
  uint8_t salt[SRTP_MAX_SALT_BYTES];
} SrtpSession;

typedef struct {
  SrtpProfile profile;
  SrtpSession rtp, rtcp;
} SrtpCipher;

size_t srtp_salt_bytes(SrtpProfile profile);
size_t srtp_tag_bytes(SrtpProfile profile);
/* RFC 3711 §4.3.1, key derivation rate 0. `label` 0..5; writes `length` bytes. */
bool srtp_derive(const uint8_t *key, const uint8_t *salt, size_t salt_bytes, uint8_t label,
                 uint8_t *out, size_t length);
bool srtp_session_init(SrtpSession *session, SrtpProfile profile, const uint8_t *key,
                       const uint8_t *auth_key, const uint8_t *salt, bool encrypt);
void srtp_session_free(SrtpSession *session);
bool srtp_cipher_init(SrtpCipher *cipher, SrtpProfile profile, const uint8_t *key,
                      const uint8_t *salt, bool encrypt);
void srtp_cipher_free(SrtpCipher *cipher);
enum { SRTP_PREFETCH_PARTS = 4 };

/*
 * Has fetched into the cache what protecting needs; with many peers that is what a packet waits for. In parts 0..3: a
 * processor has only so many fetches under way, and waits itself when there are more.
 */
void srtp_cipher_prefetch(const SrtpCipher *cipher, int part);
/*
 * The header is at `packet` already; `plain` is encrypted to behind it (it may lie there itself). There
 * are SRTP_MAX_OVERHEAD bytes of room at the end. Returns the packet's length, 0 on failure.
 */
size_t srtp_protect_rtp(SrtpCipher *cipher, uint8_t *packet, size_t header, const uint8_t *plain,
                        size_t plain_length, uint32_t roc);
/* The same in place for a compound RTCP packet of `length` bytes. */
size_t srtcp_protect(SrtpCipher *cipher, uint8_t *packet, size_t length, uint32_t index);
/* From `in` to `out` (room for `length` bytes). Return the plain length, 0 when not authentic. */
size_t srtp_unprotect_rtp(SrtpCipher *cipher, const uint8_t *in, size_t header, size_t length,
                          uint32_t roc, uint8_t *out);
size_t srtcp_unprotect(SrtpCipher *cipher, const uint8_t *in, size_t length, uint8_t *out);

/* ---- srtp_receiver.c: roll-over counters, replay windows, bounded tables of streams ---- */

enum { REPLAY_WORDS = 16, STREAMS_PER_PEER = 128 };

typedef struct {
  uint32_t ssrc;
  uint32_t last_used_s;
  uint64_t highest; /* RTP: ROC << 16 | seq. SRTCP: index. */
  uint64_t seen[REPLAY_WORDS];
} SrtpStream;

typedef struct {
  SrtpStream *streams;
  int count, capacity, last;
} SrtpStreamTable;

typedef struct {
  SrtpCipher cipher;
  SrtpStreamTable rtp, rtcp;
} SrtpReceiver;

enum { SRTP_INVALID = -1, SRTP_AUTH_FAILED = -2, SRTP_REPLAYED = -3 };

/* Plain length, or one of the above. `now_s` is any clock in seconds. */
int srtp_receive_rtp(SrtpReceiver *receiver, const uint8_t *in, size_t length, uint8_t *out,
                     uint32_t now_s);
int srtp_receive_rtcp(SrtpReceiver *receiver, const uint8_t *in, size_t length, uint8_t *out,
                      uint32_t now_s);
void srtp_receiver_free(SrtpReceiver *receiver);

/* ---- peers and their addresses ---- */

typedef struct {
  uint8_t bytes[ADDRESS_BYTES]; /* family, local address, port, address: contract.ts */
} Address;

typedef union {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
} SocketAddress;

typedef struct {
  int hash; /* 1, 256, 384, 512 */
  uint8_t digest[EVP_MAX_MD_SIZE];
} Fingerprint;

typedef enum { DTLS_NEW = 0, DTLS_HANDSHAKE, DTLS_CONNECTED, DTLS_CLOSED } DtlsState;

typedef struct {
  uint16_t length;
  uint8_t bytes[SLOT_SIZE];
} PendingDatagram;

/* One end of a relay between stations. `id` tells it from an earlier one with that handle. */
typedef struct {
  int station; /* -1: none */
  int handle;
  uint32_t id; /* never 0, never used twice in a process */
} RelayAddress;

typedef struct Io Io;
typedef struct Station Station; /* station.h */

typedef struct Peer {
  /* What sending touches, together: with many receivers memory is what a packet waits for. */
  _Alignas(64) Io *io;
  int handle;
  int32_t tx_head, tx_tail; /* this flush's runs, -1 for none */
  bool has_keys;
  bool no_segmentation; /* the kernel refused UDP_SEGMENT on this route */
  uint8_t local; /* which of our addresses packets leave from: local_address.c */
  socklen_t destination_length; /* 0: no address yet */
  SocketAddress destination;
  SrtpCipher sender;

  uint32_t rtcp_index; /* next SRTCP index; shared by all our SSRCs, so never repeated with one */
  SrtpReceiver receiver;
  Address addresses[ADDRESSES_PER_PEER]; /* oldest first */
  int address_count;

  DtlsState dtls;
  SSL *ssl;
  const uint8_t *dtls_in; /* the datagram OpenSSL may read now */
  size_t dtls_in_length;
  Fingerprint fingerprints[FINGERPRINTS_PER_PEER];
  int fingerprint_count;
  bool fingerprint_mismatch;
  PendingDatagram *pending; /* PENDING_DTLS_DATAGRAMS of them, or NULL */
  int pending_count;

  /* Of a relay, which has neither address nor keys: our end's id, and the other end. */
  uint32_t relay_id; /* 0: no relay */
  RelayAddress relay;
} Peer;

/* address_table.c: from a remote address to whose it is, a Peer or what else the table is for */
typedef struct AddressEntry {
  struct AddressEntry *next;
  Address address;
  void *owner;
} AddressEntry;

typedef struct {
  AddressEntry **buckets;
  uint32_t bucket_count, count;
  uint64_t seed[2];
} AddressTable;

bool address_table_init(AddressTable *table);
void address_table_free(AddressTable *table);
void *address_table_find(const AddressTable *table, const Address *address);
bool address_table_set(AddressTable *table, const Address *address, void *owner);
void address_table_remove(AddressTable *table, const Address *address);
/* All addresses of one owner. */
void address_table_remove_owner(AddressTable *table, const void *owner);

/* peer.c */
Peer *peer_add(Io *io);
void peer_remove(Peer *peer); /* after dtls_free() */
Peer *peer_get(Io *io, int64_t handle);
bool peer_allow(Peer *peer, const Address *address);
bool peer_bind(Peer *peer, const Address *address);
/* The address is somebody else's now. */
void peer_lose_address(Io *io, const Address *address);
bool peer_set_keys(Peer *peer, SrtpProfile profile, const uint8_t *rx_key, const uint8_t *rx_salt,
                   const uint8_t *tx_key, const uint8_t *tx_salt);

/* ---- dtls.c ---- */

/* `profiles` in OpenSSL's syntax, the best first. */
bool dtls_context_init(Io *io, const char *certificate, const char *private_key,
                       const char *profiles);
void dtls_context_free(Io *io);
bool dtls_start(Peer *peer, bool server);
void dtls_receive(Peer *peer, const uint8_t *datagram, size_t length, const Address *from);
/* One record of application data; false when the association is not up. */
bool dtls_send(Peer *peer, const uint8_t *data, size_t length);
void dtls_tick(Io *io);
void dtls_free(Peer *peer);

typedef struct {
  int handle;
  bool connected; /* else closed */
  SrtpProfile profile;
  char reason[80];
} DtlsEvent;

/* ---- certificate.c ---- */

/* SHA-256 of the certificate as `AB:CD:…`, 96 bytes with the terminator. */
bool certificate_fingerprint(X509 *certificate, char out[96]);
/* PEM texts to be freed with free(); false when OpenSSL refuses, for example a malformed name. */
bool certificate_create(const char *common_name, const char *alternative_names, int valid_days,
                        char **certificate_pem, char **private_key_pem);

/* ---- socket.c ---- */

typedef enum {
  ALONE,
  SHARED,      /* with those who are there already (SO_REUSEPORT) */
  SHARED_LATER /* fails when anybody is there, and lets others of this user come */
} Sharing;

/* 0 or errno. */
int socket_open(Io *io, const char *address, int port, bool segmentation, Sharing sharing);
void address_from_socket(const SocketAddress *from, Address *to);
bool address_to_socket(const Io *io, const Address *from, SocketAddress *to, socklen_t *length);
/* `local`: which of our addresses it leaves from, 0 for any. */
bool socket_send(Io *io, const SocketAddress *to, socklen_t length, uint8_t local,
                 const uint8_t *data, size_t bytes);

/* ---- local_address.c: the second byte of an address record ---- */

enum { LOCAL_ADDRESS_CONTROL = CMSG_SPACE(sizeof(struct in6_pktinfo)) };

/* Whether the machine has more than one address of a family that others can reach. */
bool local_addresses_are_several(void);
/* From now on the socket tells where datagrams came to. */
void local_address_watch(const Io *io);
bool local_address_is_known(uint8_t number);
/* The number of the address that a received message's `c` tells, or 0. */
uint8_t local_address_read(const struct cmsghdr *c);
/* Writes into `c` that a message is to leave from there; the bytes it takes, 0 for nothing written. */
size_t local_address_write(const Io *io, uint8_t number, struct cmsghdr *c);

/* ---- receive.c ---- */

bool receive_init(Io *io);
void receive_free(Io *io);
/* Begin a batch in io->rx; add to it what is in the socket; what other stations handed over, if there are any. */
void receive_begin(Io *io);
void receive_drain(Io *io);
void receive_mail(Io *io);

/* ---- records.c ---- */

/* A free slot, marked taken, or -1. */
int slot_take(Io *io);
void slot_release(Io *io, int slot);
void receive_record(Io *io, int slot, size_t length, int kind, int peer, const Address *from);

/* ---- rtp_writer.c: from a packet record and a run record to SRTP ---- */

enum {
  RTP_HEADER_MAX = 12 + 4 + 8, /* with two extension elements */
  COPIED_EXTENSION_MAX = 2 + 2 + 2 + 255 + 3, /* more, with one from the packet in the two-byte form */
};

/* The header of a run's packets, of which each changes a few bytes. */
typedef struct {
  uint8_t bytes[RTP_HEADER_MAX];
  size_t length;
  uint64_t first_index; /* SRTP index of the run's first packet */
  uint16_t first_sequence; /* its number in the packet record */
} RtpHeader;

bool rtp_packet_is_valid(const Io *io, const uint32_t *packet);
bool rtp_run_is_valid(const Io *io, const uint32_t *run);
uint32_t rtp_padding(const uint32_t *packet);
/* Prefix, payload and padding. */
uint32_t rtp_body_bytes(const uint32_t *packet);
void rtp_header_begin(RtpHeader *header, const uint32_t *run, const uint32_t *first_packet);
/* The packet at position `at` of the run, with `more` bytes of padding; its length, 0 on failure. */
size_t rtp_write(Io *io, SrtpCipher *sender, RtpHeader *header, const uint32_t *run,
                 const uint32_t *packet, uint32_t at, uint32_t more, uint8_t *out);

/* ---- wakeup.c ---- */

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

/* ---- send.c ---- */

typedef struct SendBatch SendBatch;
bool send_init(Io *io);
void send_free(Io *io);
/* Sends the runs 0..runs-1; returns how many packets the kernel took. */
int send_flush(Io *io, int runs);
bool send_rtcp(Peer *peer, const uint8_t *packet, size_t length);

/* ---- the instance ---- */

struct Io {
  int fd;
  int family; /* of the socket: AF_INET or AF_INET6 */
  int port;
  bool segmentation;
  size_t max_datagram;
  uint32_t equalize_bytes;
  int batch_window_us; /* 0: never wait */
  Wakeup wakeup;

  /* Memory that belongs to JavaScript; addon.c holds a reference to it. */
  uint8_t *arena;
  int slot_count;
  int32_t *free_slots; /* [0] = how many, then the slots: a stack shared with TypeScript */
  uint8_t *taken;      /* per slot */
  int32_t *rx;
  int32_t *tx_packets;
  int32_t *tx_runs;
  int tx_capacity; /* records in each of the two */
  uint8_t *addresses;
  double *counters;

  int rx_count;
  int32_t rx_age_us; /* of what is recorded next: how long it waited in the socket */
  uint32_t now_s;
  AddressTable table;
  Peer **peers;
  int peer_capacity;
  int handshakes;

  SSL_CTX *ssl_context;
  BIO_METHOD *bio_method;
  char fingerprint[96];
  DtlsEvent *events;
  int event_count, event_capacity;

  struct Receiver *receiver;
  SendBatch *batch;
  Station *station; /* NULL: the port is ours alone */
};

static inline uint32_t *tx_packet(const Io *io, uint32_t i) {
  return (uint32_t *)io->tx_packets + (size_t)i * TX_PACKET_WORDS;
}

static inline const uint32_t *tx_run(const Io *io, int32_t i) {
  return (const uint32_t *)io->tx_runs + (size_t)i * TX_RUN_WORDS;
}

static inline void count(Io *io, enum Counter which, double by) { io->counters[which] += by; }

#endif
