/*
 * One packet-io instance in JavaScript's hands: its memory, the poll handle, and an orderly end at any
 * moment (close(), the end of a worker, worker.terminate()).
 */
#include "instance.h"
#include "local_address.h"
#include "receive.h"
#include "socket.h"
#include "station.h"
#include "values.h"

#include <stdlib.h>
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
  uv_poll_t mail_poll; /* only of a station */
  int open_polls;
  napi_env env;
  napi_ref callback;
  napi_ref memory; /* keeps the arrays that Io points into */
  napi_async_context async;
  napi_async_cleanup_hook_handle cleanup;
  Handle *handle;
  bool closed;
};

static void on_closed(uv_handle_t *handle) {
  Instance *instance = handle->data;
  if (--instance->open_polls > 0) return;
  if (instance->cleanup) napi_remove_async_cleanup_hook(instance->cleanup);
  free(instance);
}

/* Frees what Io owns, whether or not it was completely made. */
static void free_io(Io *io) {
  for (int i = 0; i < io->peer_capacity; i++) {
    if (!io->peers[i]) continue;
    dtls_free(io->peers[i]);
    peer_remove(io->peers[i]);
  }
  free(io->peers);
  io->peers = NULL;
  io->peer_capacity = 0;
  dtls_context_free(io);
  address_table_free(&io->table);
  receive_free(io);
  send_free(io);
  station_leave(io);
  if (io->fd >= 0) close(io->fd);
  io->fd = -1;
}

static void close_instance(Instance *instance) {
  if (instance->closed) return;
  instance->closed = true;
  if (instance->handle) instance->handle->instance = NULL;
  bool has_mail = instance->open_polls > 1;
  uv_poll_stop(&instance->poll);
  if (has_mail) uv_poll_stop(&instance->mail_poll);
  free_io(&instance->io);
  napi_delete_reference(instance->env, instance->callback);
  napi_delete_reference(instance->env, instance->memory);
  napi_async_destroy(instance->env, instance->async);
  uv_close((uv_handle_t *)&instance->poll, on_closed);
  if (has_mail) uv_close((uv_handle_t *)&instance->mail_poll, on_closed);
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

/* Tells JavaScript of the batch in io.rx. */
static void deliver(Instance *instance) {
  if (instance->io.rx_count == 0 && instance->io.event_count == 0) return;
  napi_env env = instance->env;
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  napi_value callback = NULL, receiver = NULL;
  napi_value arguments[] = {from_int(env, instance->io.rx_count), from_bool(env, instance->io.event_count > 0)};
  if (napi_get_reference_value(env, instance->callback, &callback) == napi_ok && callback &&
      napi_get_global(env, &receiver) == napi_ok &&
      napi_make_callback(env, instance->async, receiver, callback, 2, arguments, NULL) != napi_ok) {
    report_exception(env);
  }
  napi_close_handle_scope(env, scope);
}

static void on_readable(uv_poll_t *poll, int status, int events) {
  (void)events;
  Instance *instance = poll->data;
  Io *io = &instance->io;
  if (instance->closed || status < 0) return;
  wakeup_begin(io);
  receive_begin(io);
  receive_drain(io);
  if (station_has_company(io)) receive_mail(io);
  int datagrams = io->rx_count;
  deliver(instance);
  wakeup_end(io, datagrams);
}

static void on_mail(uv_poll_t *poll, int status, int events) {
  (void)events;
  Instance *instance = poll->data;
  Io *io = &instance->io;
  if (instance->closed || status < 0) return;
  wakeup_begin(io);
  station_hush(io);
  receive_begin(io);
  receive_mail(io);
  receive_for_others(io);
  int datagrams = io->rx_count;
  deliver(instance);
  wakeup_end(io, datagrams);
}

/* ---- create ---- */

static bool take_memory(napi_env env, Io *io, napi_value memory) {
  int slots = to_int(env, get_property(env, memory, "slotCount"));
  int capacity = to_int(env, get_property(env, memory, "txCapacity"));
  if (slots < 1 || slots > 1 << 20 || capacity < 1 || capacity > 1 << 20) return false;
  size_t n = (size_t)slots;
  io->slot_count = slots;
  io->tx_capacity = capacity;
  io->arena = to_array(env, get_property(env, memory, "arena"), napi_uint8_array, n * SLOT_SIZE);
  io->free_slots = to_array(env, get_property(env, memory, "freeSlots"), napi_int32_array, n + 1);
  io->taken = to_array(env, get_property(env, memory, "taken"), napi_uint8_array, n);
  io->rx = to_array(env, get_property(env, memory, "rx"), napi_int32_array, RX_CAPACITY * RX_WORDS);
  io->tx_packets = to_array(env, get_property(env, memory, "txPackets"), napi_int32_array,
                            (size_t)capacity * TX_PACKET_WORDS);
  io->tx_runs =
      to_array(env, get_property(env, memory, "txRuns"), napi_int32_array, (size_t)capacity * TX_RUN_WORDS);
  io->addresses = to_array(env, get_property(env, memory, "addresses"), napi_uint8_array, n * ADDRESS_BYTES);
  io->counters = to_array(env, get_property(env, memory, "counters"), napi_float64_array, COUNTERS);
  return io->arena && io->free_slots && io->taken && io->rx && io->tx_packets && io->tx_runs && io->addresses &&
         io->counters;
}

static bool init_dtls(napi_env env, Io *io, napi_value options) {
  char *certificate = to_text(env, get_property(env, options, "certificate"));
  char *private_key = to_text(env, get_property(env, options, "privateKey"));
  char *profiles = to_text(env, get_property(env, options, "srtpProfiles"));
  bool ok = certificate && private_key && profiles &&
            dtls_context_init(io, certificate, private_key, profiles);
  free(certificate);
  free_text(private_key);
  free(profiles);
  return ok;
}

static int open_socket(napi_env env, Io *io, napi_value options) {
  char *address = to_text(env, get_property(env, options, "address"));
  int port = to_int(env, get_property(env, options, "port"));
  int station = to_int(env, get_property(env, options, "station")); /* -1 for none */
  bool segmentation = to_bool(env, get_property(env, options, "segmentation"));
  int error = UV_EINVAL;
  if (port >= 0 && port <= 65535 && station < MAX_STATIONS) {
    error = station < 0 ? -socket_open(io, address, port, segmentation, ALONE)
                        : -station_join(io, station, address, port, segmentation);
  }
  int watches = to_int(env, get_property(env, options, "localAddresses")); /* -1: where it matters */
  if (watches < 0) watches = !address && local_addresses_are_several();
  if (!error && watches) local_address_watch(io);
  free(address);
  return error;
}

napi_value instance_create(napi_env env, napi_value options, napi_value memory, napi_value on_batch) {
  Instance *instance = calloc(1, sizeof *instance);
  Handle *handle = calloc(1, sizeof *handle);
  if (!instance || !handle) goto no_memory;
  Io *io = &instance->io;
  io->fd = -1;
  io->max_datagram = (size_t)to_int(env, get_property(env, options, "maxDatagram"));
  int equalize = to_int(env, get_property(env, options, "equalizeBytes"));
  io->equalize_bytes = equalize > 0 ? (uint32_t)equalize : 0;
  io->batch_window_us = to_int(env, get_property(env, options, "batchWindowUs"));
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
  instance->open_polls = 1;
  bool has_mail = io->station && uv_poll_init(loop, &instance->mail_poll, station_event_fd(io)) == 0;
  if (has_mail) {
    instance->mail_poll.data = instance;
    instance->open_polls = 2;
  }
  instance->env = env;
  instance->handle = handle;
  handle->instance = instance;
  bool ok = napi_create_reference(env, on_batch, 1, &instance->callback) == napi_ok &&
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
            has_mail == (io->station != NULL) &&
            (!has_mail || uv_poll_start(&instance->mail_poll, UV_READABLE, on_mail) == 0) &&
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

Io *instance_io(napi_env env, napi_value value) {
  napi_valuetype type = napi_undefined;
  void *handle = NULL;
  if (napi_typeof(env, value, &type) != napi_ok || type != napi_external ||
      napi_get_value_external(env, value, &handle) != napi_ok || !handle ||
      !((Handle *)handle)->instance) {
    return NULL;
  }
  return &((Handle *)handle)->instance->io;
}

void instance_close(Io *io) { close_instance((Instance *)io); }
