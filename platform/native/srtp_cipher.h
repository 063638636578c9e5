/* RFC 3711 and RFC 7714 transforms under one pair of master key and salt. */
#ifndef SRTP_CIPHER_H
#define SRTP_CIPHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <openssl/evp.h>

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
 * Has fetched into the cache what protecting needs; with many peers that is what a packet waits for. In parts, from 0 to
 * SRTP_PREFETCH_PARTS - 1: a processor has only so many fetches under way, and waits itself when there are more.
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

#endif
