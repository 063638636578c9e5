/* Values of JavaScript to those of C and back. */
#ifndef VALUES_H
#define VALUES_H

#include <node_api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Returns NULL, to be returned in turn. */
napi_value throw_error(napi_env env, const char *code, const char *message);
/* NULL when there is none. */
napi_value get_property(napi_env env, napi_value object, const char *name);
/* -1 for what is no number. */
int32_t to_int(napi_env env, napi_value value);
bool to_bool(napi_env env, napi_value value);
/* A copy to be freed, or NULL when the value is not a string. */
char *to_text(napi_env env, napi_value value);
/* Wipes it first: it may be a key. */
void free_text(char *text);
/* The memory of a typed array with exactly this element type, at least `count` elements; else NULL. */
void *to_array(napi_env env, napi_value value, napi_typedarray_type type, size_t count);
/* Of a Uint8Array; else NULL and length 0. */
const uint8_t *to_bytes(napi_env env, napi_value value, size_t *length);

napi_value from_int(napi_env env, int32_t number);
napi_value from_bool(napi_env env, bool flag);
napi_value from_text(napi_env env, const char *text);
/* A copy. */
napi_value from_bytes(napi_env env, const uint8_t *bytes, size_t length);

#endif
