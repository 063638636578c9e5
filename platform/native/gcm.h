/* AES-128-GCM by OpenSSL. */
#ifndef GCM_H
#define GCM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <openssl/evp.h>

enum { GCM_IV = 12, GCM_TAG = 16 };

/* Schedules the key. The context is then for one direction, and for the functions below alone. */
bool gcm_init(EVP_CIPHER_CTX *c, const uint8_t *key, bool encrypt);
/* Authenticates both parts of `aad` and encrypts `in` to `out`, which may be the same; the tag comes behind it. */
bool gcm_seal(EVP_CIPHER_CTX *c, const uint8_t *iv, const uint8_t *aad, size_t aad_length,
              const uint8_t *aad2, size_t aad2_length, const uint8_t *in, uint8_t *out,
              size_t length);
/* The tag is behind `in`. False when it is wrong: then `out` holds nothing to be used. */
bool gcm_open(EVP_CIPHER_CTX *c, const uint8_t *iv, const uint8_t *aad, size_t aad_length,
              const uint8_t *aad2, size_t aad2_length, const uint8_t *in, size_t length,
              uint8_t *out);

#endif
