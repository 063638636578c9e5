/* Values of JavaScript to those of C and back. What cannot be converted gives what each function says. */
#include "values.h"
#include "packet_io.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

napi_value throw_error(napi_env env, const char *code, const char *message) {
  napi_throw_error(env, code, message);
  return NULL;
}

napi_value get_property(napi_env env, napi_value object, const char *name) {
  napi_value value = NULL;
  if (napi_get_named_property(env, object, name, &value) != napi_ok) return NULL;
  return value;
}

int32_t to_int(napi_env env, napi_value value) {
  int32_t number = -1;
  if (!value || napi_get_value_int32(env, value, &number) != napi_ok) return -1;
  return number;
}

bool to_bool(napi_env env, napi_value value) {
  bool flag = false;
  return value && napi_get_value_bool(env, value, &flag) == napi_ok && flag;
}

/* A copy to be freed, or NULL when the value is not a string. */
char *to_text(napi_env env, napi_value value) {
  size_t length = 0;
  if (!value || napi_get_value_string_utf8(env, value, NULL, 0, &length) != napi_ok) return NULL;
  char *text = malloc(length + 1);
  if (text && napi_get_value_string_utf8(env, value, text, length + 1, &length) != napi_ok) {
    free(text);
    return NULL;
  }
  return text;
}

void free_text(char *text) {
  if (text) OPENSSL_cleanse(text, strlen(text));
  free(text);
}

/* The memory of a typed array with exactly this element type, at least `count` elements. */
void *to_array(napi_env env, napi_value value, napi_typedarray_type type, size_t count) {
  napi_typedarray_type actual;
  size_t length;
  void *data = NULL;
  if (!value || napi_get_typedarray_info(env, value, &actual, &length, &data, NULL, NULL) != napi_ok ||
      actual != type || length < count) {
    return NULL;
  }
  return data;
}

const uint8_t *to_bytes(napi_env env, napi_value value, size_t *length) {
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

napi_value from_int(napi_env env, int32_t number) {
  napi_value value = NULL;
  napi_create_int32(env, number, &value);
  return value;
}

napi_value from_bool(napi_env env, bool flag) {
  napi_value value = NULL;
  napi_get_boolean(env, flag, &value);
  return value;
}

napi_value from_text(napi_env env, const char *text) {
  napi_value value = NULL;
  napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value);
  return value;
}

napi_value from_bytes(napi_env env, const uint8_t *bytes, size_t length) {
  napi_value buffer = NULL, value = NULL;
  void *data = NULL;
  if (napi_create_arraybuffer(env, length, &data, &buffer) != napi_ok) return NULL;
  if (length) memcpy(data, bytes, length);
  napi_create_typedarray(env, napi_uint8_array, length, buffer, 0, &value);
  return value;
}
