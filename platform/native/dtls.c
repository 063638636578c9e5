/*
 * DTLS 1.2 with the use_srtp extension (RFC 6347, 5764), by OpenSSL. Certificates are self-signed and
 * checked against the fingerprints that came by signalling (RFC 8122). Datagrams pass through a BIO
 * that keeps their boundaries: OpenSSL reads the one at hand and writes straight to the socket.
 */
#include "certificate.h"
#include "packet_io.h"
#include "records.h"
#include "socket.h"

#include <openssl/err.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  MTU_BYTES = 1200, /* the largest flight record; fits every path that carries media */
  UDP_OVERHEAD = 48,
  FIRST_RETRANSMIT_US = 100000,
  LAST_RETRANSMIT_US = 2000000,
  /* Reads per datagram; a record takes at least 13 bytes, so this is never the limit in good faith. */
  READS_PER_DATAGRAM = 64,
};

/* ---- BIO ---- */

static int bio_write(BIO *bio, const char *data, int length) {
  Peer *peer = BIO_get_data(bio);
  /* A datagram that is lost here is like one lost on the way: the flight is sent again. */
  if (length > 0 && peer->destination_length > 0) {
    (void)socket_send(peer->io, &peer->destination, peer->destination_length, peer->local,
                      (const uint8_t *)data, (size_t)length);
  }
  return length;
}

static int bio_read(BIO *bio, char *out, int length) {
  Peer *peer = BIO_get_data(bio);
  BIO_clear_retry_flags(bio);
  if (!peer->dtls_in || length <= 0) {
    BIO_set_retry_read(bio);
    return -1;
  }
  size_t bytes = peer->dtls_in_length;
  if (bytes > (size_t)length) bytes = (size_t)length;
  memcpy(out, peer->dtls_in, bytes);
  peer->dtls_in = NULL;
  return (int)bytes;
}

static long bio_ctrl(BIO *bio, int command, long number, void *pointer) {
  (void)bio, (void)number, (void)pointer;
  switch (command) {
    case BIO_CTRL_FLUSH:
    case BIO_CTRL_DGRAM_SET_NEXT_TIMEOUT:
      return 1;
    case BIO_CTRL_DGRAM_QUERY_MTU:
    case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
      return MTU_BYTES;
    case BIO_CTRL_DGRAM_GET_MTU_OVERHEAD:
      return UDP_OVERHEAD;
    default:
      return 0;
  }
}

static int bio_create(BIO *bio) {
  BIO_set_init(bio, 1);
  return 1;
}

/* ---- certificates ---- */

static const EVP_MD *digest_of(int hash) {
  switch (hash) {
    case 1:
      return EVP_sha1();
    case 256:
      return EVP_sha256();
    case 384:
      return EVP_sha384();
    case 512:
      return EVP_sha512();
    default:
      return NULL;
  }
}

static bool matches(const Fingerprint *fingerprint, X509 *certificate) {
  const EVP_MD *md = digest_of(fingerprint->hash);
  uint8_t digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  return md && X509_digest(certificate, md, digest, &length) == 1 &&
         CRYPTO_memcmp(digest, fingerprint->digest, length) == 0;
}

/* Instead of a chain of trust: the digest is one of those that were signalled. */
static int verify_certificate(X509_STORE_CTX *store, void *unused) {
  (void)unused;
  SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
  Peer *peer = SSL_get_app_data(ssl);
  X509 *certificate = X509_STORE_CTX_get0_cert(store);
  for (int i = 0; certificate && i < peer->fingerprint_count; i++) {
    if (matches(&peer->fingerprints[i], certificate)) return 1;
  }
  peer->fingerprint_mismatch = true;
  X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
  return 0;
}

/* ---- context ---- */

static bool use_certificate(Io *io, const char *certificate, const char *private_key) {
  BIO *certificate_bio = BIO_new_mem_buf(certificate, -1);
  BIO *key_bio = BIO_new_mem_buf(private_key, -1);
  X509 *x509 = certificate_bio ? PEM_read_bio_X509(certificate_bio, NULL, NULL, NULL) : NULL;
  char no_password[] = "";
  EVP_PKEY *key = key_bio ? PEM_read_bio_PrivateKey(key_bio, NULL, NULL, no_password) : NULL;
  bool ok = x509 && key && SSL_CTX_use_certificate(io->ssl_context, x509) == 1 &&
            SSL_CTX_use_PrivateKey(io->ssl_context, key) == 1 &&
            SSL_CTX_check_private_key(io->ssl_context) == 1 &&
            certificate_fingerprint(x509, io->fingerprint);
  X509_free(x509);
  EVP_PKEY_free(key);
  BIO_free(certificate_bio);
  BIO_free(key_bio);
  return ok;
}

bool dtls_context_init(Io *io, const char *certificate, const char *private_key,
                       const char *profiles) {
  io->bio_method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "packet-io datagram");
  SSL_CTX *context = io->ssl_context = SSL_CTX_new(DTLS_method());
  if (!io->bio_method || !context) return false;
  BIO_meth_set_write(io->bio_method, bio_write);
  BIO_meth_set_read(io->bio_method, bio_read);
  BIO_meth_set_ctrl(io->bio_method, bio_ctrl);
  BIO_meth_set_create(io->bio_method, bio_create);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
  SSL_CTX_set_cert_verify_callback(context, verify_certificate, NULL);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
                                   SSL_OP_NO_COMPRESSION | SSL_OP_NO_QUERY_MTU |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  /* use_srtp returns 0 on success. */
  return SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION) == 1 &&
         SSL_CTX_set_cipher_list(context,
                                 "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
                                 "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305") == 1 &&
         SSL_CTX_set_tlsext_use_srtp(context, profiles) == 0 &&
         use_certificate(io, certificate, private_key);
}

void dtls_context_free(Io *io) {
  SSL_CTX_free(io->ssl_context);
  BIO_meth_free(io->bio_method);
  free(io->events);
  io->ssl_context = NULL;
  io->bio_method = NULL;
  io->events = NULL;
  io->event_count = io->event_capacity = 0;
}

/* ---- the association ---- */

static void add_event(Peer *peer, bool connected, SrtpProfile profile, const char *reason) {
  Io *io = peer->io;
  if (io->event_count == io->event_capacity) {
    int capacity = io->event_capacity ? io->event_capacity * 2 : 16;
    DtlsEvent *events = realloc(io->events, (size_t)capacity * sizeof *events);
    if (!events) return;
    io->events = events;
    io->event_capacity = capacity;
  }
  DtlsEvent *event = &io->events[io->event_count++];
  event->handle = peer->handle;
  event->connected = connected;
  event->profile = profile;
  snprintf(event->reason, sizeof event->reason, "%s", reason);
}

static void set_state(Peer *peer, DtlsState state) {
  peer->io->handshakes += (state == DTLS_HANDSHAKE) - (peer->dtls == DTLS_HANDSHAKE);
  peer->dtls = state;
}

static void close_with(Peer *peer, const char *reason) {
  if (peer->dtls == DTLS_CLOSED) return;
  set_state(peer, DTLS_CLOSED);
  add_event(peer, false, PROFILE_NONE, reason);
}

static void fail(Peer *peer, const char *fallback) {
  unsigned long error = ERR_peek_last_error();
  const char *reason = peer->fingerprint_mismatch ? "fingerprint mismatch"
                       : error                    ? ERR_reason_error_string(error)
                                                  : fallback;
  close_with(peer, reason ? reason : fallback);
  ERR_clear_error();
}

/* RFC 5764 §4.2: client key, server key, client salt, server salt. */
static bool export_keys(Peer *peer, SrtpProfile profile) {
  uint8_t material[2 * (SRTP_KEY_BYTES + SRTP_MAX_SALT_BYTES)];
  size_t salt = srtp_salt_bytes(profile);
  static const char label[] = "EXTRACTOR-dtls_srtp";
  bool ok = SSL_export_keying_material(peer->ssl, material, 2 * (SRTP_KEY_BYTES + salt), label,
                                       sizeof label - 1, NULL, 0, 0) == 1;
  if (ok) {
    const uint8_t *client_salt = material + 2 * SRTP_KEY_BYTES;
    const uint8_t *keys[2] = {material, material + SRTP_KEY_BYTES};
    const uint8_t *salts[2] = {client_salt, client_salt + salt};
    int ours = SSL_is_server(peer->ssl) ? 1 : 0;
    ok = peer_set_keys(peer, profile, keys[1 - ours], salts[1 - ours], keys[ours], salts[ours]);
  }
  OPENSSL_cleanse(material, sizeof material);
  return ok;
}

static void handshake_done(Peer *peer) {
  const SRTP_PROTECTION_PROFILE *selected = SSL_get_selected_srtp_profile(peer->ssl);
  SrtpProfile profile = selected ? (SrtpProfile)selected->id : PROFILE_NONE;
  if (profile != PROFILE_AEAD_AES_128_GCM && profile != PROFILE_AES128_CM_SHA1_80) {
    close_with(peer, "no SRTP profile in common");
  } else if (!export_keys(peer, profile)) {
    fail(peer, "no keys exported");
  } else {
    set_state(peer, DTLS_CONNECTED);
    add_event(peer, true, profile, "");
  }
}

static void read_application_data(Peer *peer, const Address *from) {
  Io *io = peer->io;
  uint8_t scratch[SLOT_SIZE];
  for (int i = 0; i < READS_PER_DATAGRAM; i++) {
    int length = SSL_read(peer->ssl, scratch, sizeof scratch);
    if (length <= 0) {
      int error = SSL_get_error(peer->ssl, length);
      if (error == SSL_ERROR_ZERO_RETURN) {
        close_with(peer, "closed");
      } else if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
        fail(peer, "read failed");
      }
      return;
    }
    int slot = from ? slot_take(io) : -1;
    if (slot < 0) {
      count(io, RX_NO_SLOT, 1);
      continue;
    }
    memcpy(io->arena + (size_t)slot * SLOT_SIZE, scratch, (size_t)length);
    receive_record(io, slot, (size_t)length, KIND_APPLICATION_DATA, peer->handle, from);
  }
}

static void progress(Peer *peer, const Address *from) {
  ERR_clear_error();
  if (peer->dtls == DTLS_HANDSHAKE) {
    int result = SSL_do_handshake(peer->ssl);
    if (result == 1) {
      handshake_done(peer);
    } else {
      int error = SSL_get_error(peer->ssl, result);
      if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
        fail(peer, "handshake failed");
      }
    }
  }
  if (peer->dtls == DTLS_CONNECTED) read_application_data(peer, from);
  peer->dtls_in = NULL;
}

/* The other side's first flight may overtake the signalling that tells its fingerprint. */
static void keep_for_later(Peer *peer, const uint8_t *datagram, size_t length) {
  if (!peer->pending) peer->pending = calloc(PENDING_DTLS_DATAGRAMS, sizeof *peer->pending);
  if (!peer->pending) return;
  if (peer->pending_count == PENDING_DTLS_DATAGRAMS) {
    memmove(peer->pending, peer->pending + 1,
            (PENDING_DTLS_DATAGRAMS - 1) * sizeof *peer->pending);
    peer->pending_count--;
  }
  PendingDatagram *pending = &peer->pending[peer->pending_count++];
  pending->length = (uint16_t)length;
  memcpy(pending->bytes, datagram, length);
}

void dtls_receive(Peer *peer, const uint8_t *datagram, size_t length, const Address *from) {
  enum { HANDSHAKE = 22 };
  if (peer->dtls == DTLS_NEW && datagram[0] == HANDSHAKE) {
    keep_for_later(peer, datagram, length);
    return;
  }
  if (peer->dtls != DTLS_HANDSHAKE && peer->dtls != DTLS_CONNECTED) {
    count(peer->io, RX_INVALID, 1);
    return;
  }
  peer->dtls_in = datagram;
  peer->dtls_in_length = length;
  progress(peer, from);
}

bool dtls_send(Peer *peer, const uint8_t *data, size_t length) {
  if (peer->dtls != DTLS_CONNECTED || length == 0 || length > SLOT_SIZE) return false;
  ERR_clear_error();
  bool sent = SSL_write(peer->ssl, data, (int)length) == (int)length;
  ERR_clear_error();
  return sent;
}

static unsigned int next_retransmit_us(SSL *ssl, unsigned int current_us) {
  (void)ssl;
  if (current_us == 0) return FIRST_RETRANSMIT_US;
  return current_us * 2 < LAST_RETRANSMIT_US ? current_us * 2 : LAST_RETRANSMIT_US;
}

static bool new_association(Peer *peer, bool server) {
  SSL *ssl = peer->ssl = SSL_new(peer->io->ssl_context);
  BIO *bio = ssl ? BIO_new(peer->io->bio_method) : NULL;
  if (!bio) return false;
  BIO_set_data(bio, peer);
  SSL_set_bio(ssl, bio, bio);
  SSL_set_app_data(ssl, peer);
  SSL_set_mtu(ssl, MTU_BYTES);
  DTLS_set_timer_cb(ssl, next_retransmit_us);
  if (server) {
    SSL_set_accept_state(ssl);
  } else {
    SSL_set_connect_state(ssl);
  }
  return true;
}

bool dtls_start(Peer *peer, bool server) {
  PendingDatagram *pending = peer->pending;
  int pending_count = peer->pending_count;
  peer->pending = NULL;
  peer->pending_count = 0;
  dtls_free(peer);
  peer->fingerprint_mismatch = false;
  bool ok = new_association(peer, server);
  if (ok) {
    set_state(peer, DTLS_HANDSHAKE);
    if (!server) progress(peer, NULL);
    for (int i = 0; i < pending_count && peer->dtls == DTLS_HANDSHAKE; i++) {
      peer->dtls_in = pending[i].bytes;
      peer->dtls_in_length = pending[i].length;
      progress(peer, NULL);
    }
  }
  free(pending);
  return ok;
}

void dtls_tick(Io *io) {
  int left = io->handshakes;
  for (int i = 0; i < io->peer_capacity && left > 0; i++) {
    Peer *peer = io->peers[i];
    if (!peer || peer->dtls != DTLS_HANDSHAKE) continue;
    left--;
    ERR_clear_error();
    if (DTLSv1_handle_timeout(peer->ssl) < 0) fail(peer, "timeout");
  }
}

void dtls_free(Peer *peer) {
  /* Tells the other side, once; no answer is waited for. */
  if (peer->ssl && peer->dtls == DTLS_CONNECTED) (void)SSL_shutdown(peer->ssl);
  SSL_free(peer->ssl);
  peer->ssl = NULL;
  peer->dtls_in = NULL;
  set_state(peer, DTLS_NEW);
  free(peer->pending);
  peer->pending = NULL;
  peer->pending_count = 0;
  ERR_clear_error();
}
