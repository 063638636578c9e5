/*
 * AES-128-GCM by OpenSSL, under a key that is scheduled already.
 *
 * OpenSSL 3.0, that of Node.js 20, has the same code twice: in a provider, and behind the older EVP_CIPHER methods that it
 * still carries. A provider is asked for the tag by the names of parameters, and takes 0.1 us longer per packet for that
 * and the like, a third of what encrypting 1200 bytes takes. A method that was duplicated is never looked up in a
 * provider, and its functions can be called without EVP's in between. From 3.1 on (Node.js 24 has 3.5) the provider has faster
 * code (VAES), and is used.
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* EVP_CIPHER_meth_dup and what asks for its functions */
#include "gcm.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <string.h>

/* Of the process, found once and never changed: contexts of all threads refer to it. */
static struct {
  const EVP_CIPHER *cipher; /* NULL: by the provider */
  int (*init)(EVP_CIPHER_CTX *c, const unsigned char *key, const unsigned char *iv, int encrypt);
  int (*update)(EVP_CIPHER_CTX *c, unsigned char *out, const unsigned char *in, size_t length);
  int (*control)(EVP_CIPHER_CTX *c, int command, int length, void *data);
} method;
static CRYPTO_ONCE once = CRYPTO_ONCE_STATIC_INIT;

/* An engine may put its own method in place of the one that is asked for. */
static bool takes(EVP_CIPHER_CTX *c, const EVP_CIPHER *cipher, const uint8_t *key, bool encrypt) {
  return EVP_CipherInit_ex(c, cipher, NULL, key, NULL, encrypt) == 1 && EVP_CIPHER_CTX_get0_cipher(c) == cipher;
}

#ifdef GCM_BY_PROVIDER
static void find_method(void) {}
#else
static const unsigned long FASTER_PROVIDER = 0x30100000ul; /* OpenSSL 3.1.0 */

static void find_method(void) {
  if (OpenSSL_version_num() >= FASTER_PROVIDER) return;
  const uint8_t key[16] = {0};
  EVP_CIPHER *cipher = EVP_CIPHER_meth_dup(EVP_aes_128_gcm());
  EVP_CIPHER_CTX *trial = EVP_CIPHER_CTX_new();
  bool ok = cipher && trial && takes(trial, cipher, key, true);
  EVP_CIPHER_CTX_free(trial);
  if (ok) {
    method.init = EVP_CIPHER_meth_get_init(cipher);
    method.update = EVP_CIPHER_meth_get_do_cipher(cipher);
    method.control = EVP_CIPHER_meth_get_ctrl(cipher);
  }
  if (method.init && method.update && method.control) method.cipher = cipher;
  else EVP_CIPHER_meth_free(cipher);
}
#endif

bool gcm_init(EVP_CIPHER_CTX *c, const uint8_t *key, bool encrypt) {
  if (CRYPTO_THREAD_run_once(&once, find_method) != 1) return false;
  if (method.cipher) return takes(c, method.cipher, key, encrypt);
  return EVP_CipherInit_ex(c, EVP_aes_128_gcm(), NULL, key, NULL, encrypt) == 1;
}

static bool begin(EVP_CIPHER_CTX *c, const uint8_t *iv, bool encrypt) {
  if (method.cipher) return method.init(c, NULL, iv, encrypt) == 1;
  return EVP_CipherInit_ex(c, NULL, NULL, NULL, iv, encrypt) == 1;
}

/* Additional data when `out` is NULL, the end when `in` is. EVP_Cipher() has no checks of its own to go through. */
static bool update(EVP_CIPHER_CTX *c, uint8_t *out, const uint8_t *in, size_t length) {
  if (method.cipher) return method.update(c, out, in, length) >= 0;
  return EVP_Cipher(c, out, in, (unsigned)length) >= 0;
}

static bool get_tag(EVP_CIPHER_CTX *c, uint8_t *tag) {
  if (method.cipher) return method.control(c, EVP_CTRL_AEAD_GET_TAG, GCM_TAG, tag) == 1;
  /* What EVP_CTRL_AEAD_GET_TAG does, without its way there. */
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, tag, GCM_TAG),
      OSSL_PARAM_construct_end(),
  };
  return EVP_CIPHER_CTX_get_params(c, parameters) == 1;
}

static bool set_tag(EVP_CIPHER_CTX *c, uint8_t *tag) {
  if (method.cipher) return method.control(c, EVP_CTRL_AEAD_SET_TAG, GCM_TAG, tag) == 1;
  return EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, GCM_TAG, tag) == 1;
}

bool gcm_seal(EVP_CIPHER_CTX *c, const uint8_t *iv, const uint8_t *aad, size_t aad_length,
              const uint8_t *aad2, size_t aad2_length, const uint8_t *in, uint8_t *out,
              size_t length) {
  return begin(c, iv, true) && update(c, NULL, aad, aad_length) &&
         (aad2_length == 0 || update(c, NULL, aad2, aad2_length)) && update(c, out, in, length) &&
         update(c, NULL, NULL, 0) && get_tag(c, out + length);
}

bool gcm_open(EVP_CIPHER_CTX *c, const uint8_t *iv, const uint8_t *aad, size_t aad_length,
              const uint8_t *aad2, size_t aad2_length, const uint8_t *in, size_t length,
              uint8_t *out) {
  uint8_t tag[GCM_TAG];
  memcpy(tag, in + length, GCM_TAG);
  return begin(c, iv, false) && set_tag(c, tag) && update(c, NULL, aad, aad_length) &&
         (aad2_length == 0 || update(c, NULL, aad2, aad2_length)) && update(c, out, in, length) &&
         update(c, NULL, NULL, 0);
}
