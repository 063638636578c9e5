/* See instance.c. */
#ifndef INSTANCE_H
#define INSTANCE_H

#include "packet_io.h"

#include <node_api.h>

/* → { handle, port, fingerprint }, or NULL with an exception pending. */
napi_value instance_create(napi_env env, napi_value options, napi_value memory, napi_value on_batch);
/* Of a handle; NULL after instance_close, and of anything else. */
Io *instance_io(napi_env env, napi_value handle);
void instance_close(Io *io);

#endif
