/*
 * Node-API glue: arguments in, results out, the poll handle, and an orderly end at any moment
 * (close(), the end of a worker, worker.terminate()). Everything that comes from JavaScript is
 * checked here or by whom it is passed to. packet-io.ts is the only caller.
 */
#include "packet_io.h"

#include <node_api.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

/* What JavaScript holds. It may outlive the instance: `instance` is NULL after close(). */
typedef struct Instance Instance;
typedef struct {
  Instance *instance;
} Handle;

struct Instance {
  Io io; /* first, so that Io* and Instance* convert */
  uv_poll_t poll;
  napi_env env;
  napi_ref callback;
  napi_ref memory; /* keeps the arrays that Io points into */
  napi_async_context async;
  napi_async_cleanup_hook_handle cleanup;
  Handle *handle;
  bool closed;
};

/* ---- values ---- */

static napi_value throw_error(napi_env env, const char *code, const char *message) {
  napi_throw_error(env, code, message);
  return NULL;
}

static napi_value get(napi_env env, napi_value object, const char *name) {
  napi_value value = NULL;
  if (napi_get_named_property(env, object, name, &value) != napi_ok) return NULL;
  return value;
}

static int32_t to_int(napi_env env, napi_value value) {
  int32_t number = -1;
  if (!value || napi_get_value_int32(env, value, &number) != napi_ok) return -1;
  return number;
}

static bool to_bool(napi_env env, napi_value value) {
  bool flag = false;
  return value && napi_get_value_bool(env, value, &flag) == napi_ok && flag;
}

/* A copy to be freed, or NULL when the value is not a string. */
static char *to_text(napi_env env, napi_value value) {
  size_t length = 0;
  if (!value || napi_get_value_string_utf8(env, value, NULL, 0, &length) != napi_ok) return NULL;
  char *text = malloc(length + 1);
  if (text && napi_get_value_string_utf8(env, value, text, length + 1, &length) != napi_ok) {
    free(text);
    return NULL;
  }
  return text;
}

static void free_text(char *text) {
  if (text) OPENSSL_cleanse(text, strlen(text));
  free(text);
}

/* The memory of a typed array with exactly this element type, at least `count` elements. */
static void *to_array(napi_env env, napi_value value, napi_typedarray_type type, size_t count) {
  napi_typedarray_type actual;
  size_t length;
  void *data = NULL;
  if (!value || napi_get_typedarray_info(env, value, &actual, &length, &data, NULL, NULL) != napi_ok ||
      actual != type || length < count) {
    return NULL;
  }
  return data;
}

static const uint8_t *to_bytes(napi_env env, napi_value value, size_t *length) {
  napi_typedarray_type type;
  void *data = NULL;
  *length = 0;
  if (!value || napi_get_typedarray_info(env, value, &type, length, &data, NULL, NULL) != napi_ok ||
      type != napi_uint8_array) {
    *length = 0;
    return NULL;
  }
  return data;
}

static napi_value from_int(napi_env env, int32_t number) {
  napi_value value = NULL;
  napi_create_int32(env, number, &value);
  return value;
}

static napi_value from_bool(napi_env env, bool flag) {
  napi_value value = NULL;
  napi_get_boolean(env, flag, &value);
  return value;
}

static napi_value from_text(napi_env env, const char *text) {
  napi_value value = NULL;
  napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value);
  return value;
}

static napi_value from_bytes(napi_env env, const uint8_t *bytes, size_t length) {
  napi_value buffer = NULL, value = NULL;
  void *data = NULL;
  if (napi_create_arraybuffer(env, length, &data, &buffer) != napi_ok) return NULL;
  if (length) memcpy(data, bytes, length);
  napi_create_typedarray(env, napi_uint8_array, length, buffer, 0, &value);
  return value;
}

enum { MAX_ARGUMENTS = 8 };
typedef struct {
  napi_value values[MAX_ARGUMENTS]; /* undefined where the caller gave fewer */
  Io *io;                           /* of the handle in values[0]; NULL after close() */
} Arguments;

static Arguments arguments_of(napi_env env, napi_callback_info info) {
  Arguments arguments = {0};
  size_t count = MAX_ARGUMENTS;
  napi_valuetype type = napi_undefined;
  void *handle = NULL;
  if (napi_get_cb_info(env, info, &count, arguments.values, NULL, NULL) != napi_ok) return arguments;
  if (napi_typeof(env, arguments.values[0], &type) == napi_ok && type == napi_external &&
      napi_get_value_external(env, arguments.values[0], &handle) == napi_ok && handle &&
      ((Handle *)handle)->instance) {
    arguments.io = &((Handle *)handle)->instance->io;
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
  address->bytes[1] = 0;
  if (address->bytes[0] == 4) memset(address->bytes + 8, 0, 12);
  return address->bytes[0] == 4 || address->bytes[0] == 6;
}

/* ---- life and end ---- */

static void on_closed(uv_handle_t *handle) {
  Instance *instance = handle->data;
  if (instance->cleanup) napi_remove_async_cleanup_hook(instance->cleanup);
  free(instance);
}

/* Frees what Io owns, whether or not it was completely made. */
static void free_io(Io *io) {
  for (int i = 0; i < io->peer_capacity; i++) {
    if (io->peers[i]) peer_remove(io->peers[i]);
  }
  free(io->peers);
  io->peers = NULL;
  io->peer_capacity = 0;
  dtls_context_free(io);
  address_table_free(&io->table);
  receive_free(io);
  send_free(io);
  if (io->fd >= 0) close(io->fd);
  io->fd = -1;
}

static void close_instance(Instance *instance) {
  if (instance->closed) return;
  instance->closed = true;
  if (instance->handle) instance->handle->instance = NULL;
  uv_poll_stop(&instance->poll);
  free_io(&instance->io);
  napi_delete_reference(instance->env, instance->callback);
  napi_delete_reference(instance->env, instance->memory);
  napi_async_destroy(instance->env, instance->async);
  uv_close((uv_handle_t *)&instance->poll, on_closed);
}

static void on_environment_end(napi_async_cleanup_hook_handle handle, void *data) {
  (void)handle;
  close_instance(data);
}

static void on_handle_collected(napi_env env, void *data, void *hint) {
  (void)env, (void)hint;
  Handle *handle = data;
  if (handle->instance) handle->instance->handle = NULL;
  free(handle);
}

/* An exception out of the callback is the caller's bug: report it as uncaught, like a timer's. */
static void report_exception(napi_env env) {
  napi_value error = NULL;
  bool pending = false;
  if (napi_is_exception_pending(env, &pending) == napi_ok && pending &&
      napi_get_and_clear_last_exception(env, &error) == napi_ok && error) {
    napi_fatal_exception(env, error);
  }
}

static void on_readable(uv_poll_t *poll, int status, int events) {
  (void)events;
  Instance *instance = poll->data;
  if (instance->closed || status < 0) return;
  wakeup_wait(&instance->io);
  receive_drain(&instance->io);
  wakeup_note(&instance->io, instance->io.rx_count);
  if (instance->io.rx_count == 0 && instance->io.event_count == 0) return;
  napi_env env = instance->env;
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  napi_value callback = NULL, receiver = NULL, argument = from_int(env, instance->io.rx_count);
  if (napi_get_reference_value(env, instance->callback, &callback) == napi_ok && callback &&
      napi_get_global(env, &receiver) == napi_ok &&
      napi_make_callback(env, instance->async, receiver, callback, 1, &argument, NULL) != napi_ok) {
    report_exception(env);
  }
  napi_close_handle_scope(env, scope);
}

/* ---- create ---- */

static bool take_memory(napi_env env, Io *io, napi_value memory) {
  int slots = to_int(env, get(env, memory, "slotCount"));
  int capacity = to_int(env, get(env, memory, "txCapacity"));
  if (slots < 1 || slots > 1 << 20 || capacity < 1 || capacity > 1 << 20) return false;
  size_t n = (size_t)slots;
  io->slot_count = slots;
  io->tx_capacity = capacity;
  io->arena = to_array(env, get(env, memory, "arena"), napi_uint8_array, n * SLOT_SIZE);
  io->free_slots = to_array(env, get(env, memory, "freeSlots"), napi_int32_array, n + 1);
  io->taken = to_array(env, get(env, memory, "taken"), napi_uint8_array, n);
  io->rx = to_array(env, get(env, memory, "rx"), napi_int32_array, RX_CAPACITY * RX_WORDS);
  io->tx_packets = to_array(env, get(env, memory, "txPackets"), napi_int32_array,
                            (size_t)capacity * TX_PACKET_WORDS);
  io->tx_runs =
      to_array(env, get(env, memory, "txRuns"), napi_int32_array, (size_t)capacity * TX_RUN_WORDS);
  io->addresses = to_array(env, get(env, memory, "addresses"), napi_uint8_array, n * ADDRESS_BYTES);
  io->counters = to_array(env, get(env, memory, "counters"), napi_float64_array, COUNTERS);
  return io->arena && io->free_slots && io->taken && io->rx && io->tx_packets && io->tx_runs && io->addresses &&
         io->counters;
}

static bool init_dtls(napi_env env, Io *io, napi_value options) {
  char *certificate = to_text(env, get(env, options, "certificate"));
  char *private_key = to_text(env, get(env, options, "privateKey"));
  char *profiles = to_text(env, get(env, options, "srtpProfiles"));
  bool ok = certificate && private_key && profiles &&
            dtls_context_init(io, certificate, private_key, profiles);
  free(certificate);
  free_text(private_key);
  free(profiles);
  return ok;
}

static int open_socket(napi_env env, Io *io, napi_value options) {
  char *address = to_text(env, get(env, options, "address"));
  int port = to_int(env, get(env, options, "port"));
  int error = port < 0 || port > 65535
                  ? UV_EINVAL
                  : -socket_open(io, address, port, to_bool(env, get(env, options, "segmentation")));
  free(address);
  return error;
}

/* create(options, memory, callback) → { handle, port, fingerprint } */
static napi_value create(napi_env env, napi_callback_info info) {
  Arguments a = arguments_of(env, info);
  napi_value options = a.values[0], memory = a.values[1];
  Instance *instance = calloc(1, sizeof *instance);
  Handle *handle = calloc(1, sizeof *handle);
  if (!instance || !handle) goto no_memory;
  Io *io = &instance->io;
  io->fd = -1;
  io->max_datagram = (size_t)to_int(env, get(env, options, "maxDatagram"));
  int equalize = to_int(env, get(env, options, "equalizeBytes"));
  io->equalize_bytes = equalize > 0 ? (uint32_t)equalize : 0;
  io->batch_window_us = to_int(env, get(env, options, "batchWindowUs"));
  if (io->batch_window_us < 0 || io->batch_window_us > MAX_BATCH_WINDOW_US || equalize < 0 || equalize > 16 || io->max_datagram < 200 || io->max_datagram > 65507 || !take_memory(env, io, memory)) {
    napi_throw_type_error(env, "ERR_INVALID_ARG_VALUE", "packet-io: bad options");
    goto failed;
  }
  if (!address_table_init(&io->table) || !receive_init(io) || !send_init(io)) goto no_memory;
  if (!init_dtls(env, io, options)) {
    throw_error(env, "CERTIFICATE", "certificate or private key is not usable");
    goto failed;
  }
  int error = open_socket(env, io, options);
  if (error) {
    throw_error(env, uv_err_name(error), uv_strerror(error));
    goto failed;
  }
  uv_loop_t *loop = NULL;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok ||
      uv_poll_init(loop, &instance->poll, io->fd) != 0) {
    throw_error(env, "EIO", "the socket cannot be polled");
    goto failed;
  }
  /* From here on the poll handle exists, and only close_instance() ends it. */
  napi_value result = NULL, external = NULL;
  instance->poll.data = instance;
  instance->env = env;
  instance->handle = handle;
  handle->instance = instance;
  bool ok = napi_create_reference(env, a.values[2], 1, &instance->callback) == napi_ok &&
            napi_create_reference(env, memory, 1, &instance->memory) == napi_ok &&
            napi_async_init(env, NULL, from_text(env, "packet-io"), &instance->async) == napi_ok &&
            napi_add_async_cleanup_hook(env, on_environment_end, instance, &instance->cleanup) ==
                napi_ok &&
            napi_create_external(env, handle, on_handle_collected, NULL, &external) == napi_ok &&
            napi_create_object(env, &result) == napi_ok &&
            napi_set_named_property(env, result, "handle", external) == napi_ok &&
            napi_set_named_property(env, result, "port", from_int(env, io->port)) == napi_ok &&
            napi_set_named_property(env, result, "fingerprint",
                                    from_text(env, io->fingerprint)) == napi_ok &&
            uv_poll_start(&instance->poll, UV_READABLE, on_readable) == 0;
  if (ok) return result;
  if (!external) {
    instance->handle = NULL;
    free(handle);
  }
  close_instance(instance);
  return throw_error(env, "EIO", "the instance cannot be registered");

no_memory:
  throw_error(env, "ENOMEM", "not enough memory");
failed:
  if (instance) free_io(&instance->io);
  free(instance);
  free(handle);
  return NULL;
}

static napi_value close_io(napi_env env, napi_callback_info info) {
  Arguments a = arguments_of(env, info);
  if (a.io) close_instance((Instance *)a.io);
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
  if (peer) peer_remove(peer);
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
  if (a.io) dtls_tick(a.io);
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
  return from_bool(env, peer && packet && send_rtcp(peer, packet, length));
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
                            socket_send(a.io, &to, to_length, packet, length));
}

/* ---- functions without an instance ---- */

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
      {"sendApplicationData", send_application_data},
      {"sendRaw", send_raw},
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
