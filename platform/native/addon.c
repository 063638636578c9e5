/*
 * The functions that JavaScript calls: arguments in, results out. Everything that comes from JavaScript is
 * checked here or by whom it is passed to. packet-io.ts is the only caller.
 */
#include "certificate.h"
#include "instance.h"
#include "local_address.h"
#include "socket.h"
#include "station.h"
#include "values.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_ARGUMENTS = 8 };
typedef struct {
  napi_value values[MAX_ARGUMENTS]; /* undefined where the caller gave fewer */
  Io *io;                           /* of the handle in values[0]; NULL after close() */
} Arguments;

static Arguments arguments_of(napi_env env, napi_callback_info info) {
  Arguments arguments = {0};
  size_t count = MAX_ARGUMENTS;
  if (napi_get_cb_info(env, info, &count, arguments.values, NULL, NULL) == napi_ok) {
    arguments.io = instance_io(env, arguments.values[0]);
  }
  return arguments;
}

static Peer *peer_argument(napi_env env, const Arguments *arguments) {
  return arguments->io ? peer_get(arguments->io, to_int(env, arguments->values[1])) : NULL;
}

static bool address_argument(napi_env env, napi_value value, Address *address) {
  size_t length;
  const uint8_t *bytes = to_bytes(env, value, &length);
  if (!bytes || length != ADDRESS_BYTES) return false;
  memcpy(address->bytes, bytes, ADDRESS_BYTES);
  /* Bytes that mean nothing must not make two addresses of one. */
  if (!local_address_is_known(address->bytes[1])) address->bytes[1] = 0;
  if (address->bytes[0] == 4) memset(address->bytes + 8, 0, 12);
  return address->bytes[0] == 4 || address->bytes[0] == 6;
}

/* create(options, memory, callback) → { handle, port, fingerprint } */
static napi_value create(napi_env env, napi_callback_info info) {
  Arguments a = arguments_of(env, info);
  return instance_create(env, a.values[0], a.values[1], a.values[2]);
}

static napi_value close_io(napi_env env, napi_callback_info info) {
  Arguments a = arguments_of(env, info);
  if (a.io) instance_close(a.io);
  return NULL;
}

/* ---- peers ---- */

static napi_value add_peer(napi_env env, napi_callback_info info) {
  Arguments a = arguments_of(env, info);
  Peer *peer = a.io ? peer_add(a.io) : NULL;
  return from_int(env, peer ? peer->handle : -1);
}

static napi_value remove_peer(napi_env env, napi_callback_info info) {
  Arguments a = arguments_of(env, info);
  Peer *peer = peer_argument(env, &a);
  if (!peer) return NULL;
  dtls_free(peer);
  peer_remove(peer);
  return NULL;
}

static napi_value bind_address(napi_env env, napi_callback_info info) {
  Arguments a = arguments_of(env, info);
  Peer *peer = peer_argument(env, &a);
  Address address;
  return from_bool(env, peer && address_argument(env, a.values[2], &address) &&
                            peer_bind(peer, &address));
}

static napi_value allow_address(napi_env env, napi_callback_info info) {
  Arguments a = arguments_of(env, info);
  Peer *peer = peer_argument(env, &a);
  Address address;
  return from_bool(env, peer && address_argument(env, a.values[2], &address) &&
                            peer_allow(peer, &address));
}

static int digest_bytes(int hash) { return hash == 1 ? 20 : hash / 8; }

/* startDtls(handle, peer, server, hashes: Int32Array (1, 256, 384, 512), digests, one after another) */
static napi_value start_dtls(napi_env env, napi_callback_info info) {
  Arguments a = arguments_of(env, info);
  Peer *peer = peer_argument(env, &a);
  napi_typedarray_type type;
  size_t hash_count = 0, length = 0, offset = 0;
  void *hashes = NULL;
  const uint8_t *digests = to_bytes(env, a.values[4], &length);
  if (!peer || !digests ||
      napi_get_typedarray_info(env, a.values[3], &type, &hash_count, &hashes, NULL, NULL) !=
          napi_ok ||
      type != napi_int32_array || hash_count > FINGERPRINTS_PER_PEER) {
    return from_bool(env, false);
  }
  peer->fingerprint_count = 0;
  for (size_t i = 0; i < hash_count; i++) {
    int hash = ((const int32_t *)hashes)[i];
    bool known = hash == 1 || hash == 256 || hash == 384 || hash == 512;
    if (!known || offset + (size_t)digest_bytes(hash) > length) return from_bool(env, false);
    Fingerprint *fingerprint = &peer->fingerprints[peer->fingerprint_count++];
    fingerprint->hash = hash;
    memcpy(fingerprint->digest, digests + offset, (size_t)digest_bytes(hash));
    offset += (size_t)digest_bytes(hash);
  }
  return from_bool(env, dtls_start(peer, to_bool(env, a.values[2])));
}

static SrtpProfile to_profile(napi_env env, napi_value value) {
  int number = to_int(env, value);
  return number == PROFILE_AEAD_AES_128_GCM || number == PROFILE_AES128_CM_SHA1_80
             ? (SrtpProfile)number
             : PROFILE_NONE;
}

/* setSrtpKeys(handle, peer, profile, rxKey, rxSalt, txKey, txSalt) */
static napi_value set_srtp_keys(napi_env env, napi_callback_info info) {
  Arguments a = arguments_of(env, info);
  Peer *peer = peer_argument(env, &a);
  SrtpProfile profile = to_profile(env, a.values[2]);
  const uint8_t *parts[4];
  if (!peer || profile == PROFILE_NONE) return from_bool(env, false);
  for (int i = 0; i < 4; i++) {
    size_t length, wanted = i % 2 ? srtp_salt_bytes(profile) : SRTP_KEY_BYTES;
    parts[i] = to_bytes(env, a.values[3 + i], &length);
    if (!parts[i] || length != wanted) return from_bool(env, false);
  }
  return from_bool(env, peer_set_keys(peer, profile, parts[0], parts[1], parts[2], parts[3]));
}

/* nextEvent(handle) → [peer, profile or 0 when closed, reason] or undefined */
static napi_value next_event(napi_env env, napi_callback_info info) {
  Arguments a = arguments_of(env, info);
  if (!a.io || a.io->event_count == 0) return NULL;
  DtlsEvent event = a.io->events[0];
  a.io->event_count--;
  memmove(a.io->events, a.io->events + 1, (size_t)a.io->event_count * sizeof event);
  napi_value result = NULL;
  if (napi_create_array_with_length(env, 3, &result) != napi_ok) return NULL;
  napi_set_element(env, result, 0, from_int(env, event.handle));
  napi_set_element(env, result, 1, from_int(env, event.connected ? (int)event.profile : 0));
  napi_set_element(env, result, 2, from_text(env, event.reason));
  return result;
}

/* tick(handle) → whether there are events */
static napi_value tick(napi_env env, napi_callback_info info) {
  Arguments a = arguments_of(env, info);
  if (a.io) {
    dtls_tick(a.io);
    station_tick(a.io);
  }
  return from_bool(env, a.io && a.io->event_count > 0);
}

/* ---- sending ---- */

static napi_value flush(napi_env env, napi_callback_info info) {
  Arguments a = arguments_of(env, info);
  int runs = to_int(env, a.values[1]);
  if (!a.io || runs < 0) return from_int(env, 0);
  if (runs > a.io->tx_capacity) runs = a.io->tx_capacity;
  return from_int(env, send_flush(a.io, runs));
}

static napi_value send_rtcp_packet(napi_env env, napi_callback_info info) {
  Arguments a = arguments_of(env, info);
  Peer *peer = peer_argument(env, &a);
  size_t length;
  const uint8_t *packet = to_bytes(env, a.values[2], &length);
  if (!peer || !packet) return from_bool(env, false);
  return from_bool(env, peer->relay_id ? station_relay(a.io, &peer->relay, KIND_RTCP, packet, length)
                                       : send_rtcp(peer, packet, length));
}

/* ---- relays ---- */

/* openRelay(handle, peer) → [station, handle, id] of our end; undefined without a station */
static napi_value open_relay(napi_env env, napi_callback_info info) {
  Arguments a = arguments_of(env, info);
  Peer *peer = peer_argument(env, &a);
  napi_value result = NULL;
  if (!peer || !a.io->station || napi_create_array_with_length(env, 3, &result) != napi_ok) return NULL;
  if (peer->relay_id == 0) peer->relay_id = station_new_relay_id();
  napi_set_element(env, result, 0, from_int(env, station_number(a.io)));
  napi_set_element(env, result, 1, from_int(env, peer->handle));
  napi_set_element(env, result, 2, from_int(env, (int)peer->relay_id));
  return result;
}

/* connectRelay(handle, peer, station, other handle, id): where the other end is */
static napi_value connect_relay(napi_env env, napi_callback_info info) {
  Arguments a = arguments_of(env, info);
  Peer *peer = peer_argument(env, &a);
  RelayAddress to = {to_int(env, a.values[2]), to_int(env, a.values[3]),
                     (uint32_t)to_int(env, a.values[4])};
  if (!peer || peer->relay_id == 0 || to.station < 0 || to.station >= MAX_STATIONS || to.id == 0) {
    return from_bool(env, false);
  }
  peer->relay = to;
  return from_bool(env, true);
}

/* relay(handle, records: Int32Array of peer, slot, length; count) → packets that went */
static napi_value relay(napi_env env, napi_callback_info info) {
  Arguments a = arguments_of(env, info);
  napi_typedarray_type type;
  size_t words = 0;
  void *data = NULL;
  int sent = 0, records = to_int(env, a.values[2]);
  if (!a.io || napi_get_typedarray_info(env, a.values[1], &type, &words, &data, NULL, NULL) != napi_ok ||
      type != napi_int32_array || records < 0 || (size_t)records * 3 > words) {
    return from_int(env, 0);
  }
  for (int i = 0; i < records; i++) {
    const int32_t *record = (const int32_t *)data + (size_t)i * 3;
    const Peer *peer = peer_get(a.io, record[0]);
    int slot = record[1], length = record[2];
    if (!peer || slot < 0 || slot >= a.io->slot_count || length < 1 || length > SLOT_SIZE) {
      count(a.io, TX_INVALID, 1);
      continue;
    }
    sent += station_relay(a.io, &peer->relay, KIND_RTP, a.io->arena + (size_t)slot * SLOT_SIZE,
                          (size_t)length);
  }
  return from_int(env, sent);
}

static napi_value send_application_data(napi_env env, napi_callback_info info) {
  Arguments a = arguments_of(env, info);
  Peer *peer = peer_argument(env, &a);
  size_t length;
  const uint8_t *data = to_bytes(env, a.values[2], &length);
  return from_bool(env, peer && data && dtls_send(peer, data, length));
}

static napi_value send_raw(napi_env env, napi_callback_info info) {
  Arguments a = arguments_of(env, info);
  Address address;
  SocketAddress to;
  socklen_t to_length;
  size_t length;
  const uint8_t *packet = to_bytes(env, a.values[2], &length);
  return from_bool(env, a.io && packet && address_argument(env, a.values[1], &address) &&
                            address_to_socket(a.io, &address, &to, &to_length) &&
                            socket_send(a.io, &to, to_length, address.bytes[1], packet, length));
}

/* ---- functions without an instance ---- */

/* threadCpuSeconds() of the calling thread */
static napi_value thread_cpu_seconds(napi_env env, napi_callback_info info) {
  (void)info;
  struct timespec used = {0};
  napi_value result = NULL;
  (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  napi_create_double(env, (double)used.tv_sec + (double)used.tv_nsec / 1e9, &result);
  return result;
}

/* createCertificate(commonName, alternativeNames, days) → [certificate, private key], both PEM */
static napi_value create_certificate(napi_env env, napi_callback_info info) {
  Arguments a = arguments_of(env, info);
  char *name = to_text(env, a.values[0]), *names = to_text(env, a.values[1]);
  char *certificate = NULL, *private_key = NULL;
  napi_value result = NULL;
  if (name && names &&
      certificate_create(name, names, to_int(env, a.values[2]), &certificate, &private_key) &&
      napi_create_array_with_length(env, 2, &result) == napi_ok) {
    napi_set_element(env, result, 0, from_text(env, certificate));
    napi_set_element(env, result, 1, from_text(env, private_key));
  }
  free(name);
  free(names);
  free(certificate);
  free_text(private_key);
  return result ? result
                : throw_error(env, "CERTIFICATE", "the certificate cannot be made: check its names");
}

/* deriveSrtp(key, salt, label, length): for the vectors of RFC 3711 B.3 */
static napi_value derive_srtp(napi_env env, napi_callback_info info) {
  Arguments a = arguments_of(env, info);
  size_t key_length, salt_length;
  uint8_t out[256];
  const uint8_t *key = to_bytes(env, a.values[0], &key_length);
  const uint8_t *salt = to_bytes(env, a.values[1], &salt_length);
  int label = to_int(env, a.values[2]), length = to_int(env, a.values[3]);
  if (!key || !salt || key_length != SRTP_KEY_BYTES || salt_length > SRTP_MAX_SALT_BYTES ||
      label < 0 || label > 5 || length < 1 || length > (int)sizeof out ||
      !srtp_derive(key, salt, salt_length, (uint8_t)label, out, (size_t)length)) {
    return NULL;
  }
  return from_bytes(env, out, (size_t)length);
}

/*
 * protectSrtp(profile, session key, authentication key, session salt, packet, header bytes (0: RTCP),
 * ROC or index): for the vectors of RFC 3711 and RFC 7714, which give session keys.
 */
static napi_value protect_srtp(napi_env env, napi_callback_info info) {
  Arguments a = arguments_of(env, info);
  SrtpProfile profile = to_profile(env, a.values[0]);
  size_t lengths[4];
  const uint8_t *parts[4];
  for (int i = 0; i < 4; i++) parts[i] = to_bytes(env, a.values[1 + i], &lengths[i]);
  int header = to_int(env, a.values[5]);
  uint8_t packet[SLOT_SIZE + SRTP_MAX_OVERHEAD];
  if (profile == PROFILE_NONE || !parts[0] || !parts[1] || !parts[2] || !parts[3] ||
      lengths[0] != SRTP_KEY_BYTES || lengths[1] != SRTP_AUTH_KEY_BYTES ||
      lengths[2] != srtp_salt_bytes(profile) || lengths[3] < 12 || lengths[3] > SLOT_SIZE ||
      header < 0 || (size_t)header > lengths[3]) {
    return NULL;
  }
  SrtpCipher cipher = {.profile = profile};
  SrtpSession *session = header ? &cipher.rtp : &cipher.rtcp;
  if (!srtp_session_init(session, profile, parts[0], parts[1], parts[2], true)) return NULL;
  memcpy(packet, parts[3], lengths[3]);
  uint32_t index = (uint32_t)to_int(env, a.values[6]);
  size_t plain = lengths[3] - (size_t)header;
  size_t length = header ? srtp_protect_rtp(&cipher, packet, (size_t)header, packet + header, plain, index)
                         : srtcp_protect(&cipher, packet, lengths[3], index);
  srtp_cipher_free(&cipher);
  return length ? from_bytes(env, packet, length) : NULL;
}

NAPI_MODULE_INIT() {
  const struct {
    const char *name;
    napi_callback function;
  } functions[] = {
      {"create", create},
      {"close", close_io},
      {"addPeer", add_peer},
      {"removePeer", remove_peer},
      {"bindAddress", bind_address},
      {"allowAddress", allow_address},
      {"startDtls", start_dtls},
      {"setSrtpKeys", set_srtp_keys},
      {"nextEvent", next_event},
      {"tick", tick},
      {"flush", flush},
      {"sendRtcp", send_rtcp_packet},
      {"openRelay", open_relay},
      {"connectRelay", connect_relay},
      {"relay", relay},
      {"sendApplicationData", send_application_data},
      {"sendRaw", send_raw},
      {"threadCpuSeconds", thread_cpu_seconds},
      {"createCertificate", create_certificate},
      {"deriveSrtp", derive_srtp},
      {"protectSrtp", protect_srtp},
  };
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    napi_value function = NULL;
    if (napi_create_function(env, functions[i].name, NAPI_AUTO_LENGTH, functions[i].function, NULL,
                             &function) != napi_ok ||
        napi_set_named_property(env, exports, functions[i].name, function) != napi_ok) {
      return NULL;
    }
  }
  return exports;
}
