/*
 * SRTP and SRTCP transforms: AES_CM_128_HMAC_SHA1_80 (RFC 3711) and AEAD_AES_128_GCM (RFC 7714).
 * All cryptography is OpenSSL's (GCM: see gcm.c). Keys are scheduled once; a packet only sets the IV.
 */
#include "srtp_cipher.h"
#include "gcm.h"
#include "layout.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <string.h>

enum { GCM_SALT = GCM_IV, CM_SALT = 14, CM_TAG = 10, RTCP_HEADER = 8, INDEX_WORD = 4 };
static const uint32_t ENCRYPTED_FLAG = 0x80000000u;

size_t srtp_salt_bytes(SrtpProfile profile) {
  return profile == PROFILE_AEAD_AES_128_GCM ? GCM_SALT : CM_SALT;
}

size_t srtp_tag_bytes(SrtpProfile profile) {
  return profile == PROFILE_AEAD_AES_128_GCM ? GCM_TAG : CM_TAG;
}

bool srtp_derive(const uint8_t *key, const uint8_t *salt, size_t salt_bytes, uint8_t label,
                 uint8_t *out, size_t length) {
  /* A 12-byte salt counts as 14 bytes with zeros at the end (RFC 7714 §11). */
  uint8_t iv[16] = {0};
  memcpy(iv, salt, salt_bytes);
  iv[7] ^= label;
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
  int n = 0;
  memset(out, 0, length);
  bool ok = context && EVP_EncryptInit_ex(context, EVP_aes_128_ctr(), NULL, key, iv) == 1 &&
            EVP_EncryptUpdate(context, out, &n, out, (int)length) == 1;
  EVP_CIPHER_CTX_free(context);
  OPENSSL_cleanse(iv, sizeof iv);
  return ok;
}

static EVP_MAC_CTX *new_mac(const uint8_t *auth_key) {
  EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
  EVP_MAC_CTX *mac = hmac ? EVP_MAC_CTX_new(hmac) : NULL;
  EVP_MAC_free(hmac);
  if (!mac) return NULL;
  char digest[] = "SHA1";
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end(),
  };
  if (EVP_MAC_init(mac, auth_key, SRTP_AUTH_KEY_BYTES, parameters) == 1) return mac;
  EVP_MAC_CTX_free(mac);
  return NULL;
}

bool srtp_session_init(SrtpSession *session, SrtpProfile profile, const uint8_t *key,
                       const uint8_t *auth_key, const uint8_t *salt, bool encrypt) {
  memset(session, 0, sizeof *session);
  memcpy(session->salt, salt, srtp_salt_bytes(profile));
  session->cipher = EVP_CIPHER_CTX_new();
  bool gcm = profile == PROFILE_AEAD_AES_128_GCM;
  bool ok = session->cipher &&
            (gcm ? gcm_init(session->cipher, key, encrypt)
                 : EVP_CipherInit_ex(session->cipher, EVP_aes_128_ctr(), NULL, key, NULL, encrypt) == 1);
  if (ok && !gcm) ok = (session->mac = new_mac(auth_key)) != NULL;
  if (ok) session->state = EVP_CIPHER_CTX_get_cipher_data(session->cipher);
  if (!ok) srtp_session_free(session);
  return ok;
}

void srtp_session_free(SrtpSession *session) {
  EVP_CIPHER_CTX_free(session->cipher); /* cleanses the key schedule */
  EVP_MAC_CTX_free(session->mac);
  OPENSSL_cleanse(session, sizeof *session);
}

bool srtp_cipher_init(SrtpCipher *cipher, SrtpProfile profile, const uint8_t *key,
                      const uint8_t *salt, bool encrypt) {
  size_t salt_bytes = srtp_salt_bytes(profile);
  memset(cipher, 0, sizeof *cipher);
  cipher->profile = profile;
  bool ok = true;
  /* Labels 0..2 are RTP's cipher key, authentication key and salt; 3..5 are RTCP's (§4.3.2). */
  for (int i = 0; i < 2 && ok; i++) {
    uint8_t base = (uint8_t)(i * 3);
    uint8_t session_key[SRTP_KEY_BYTES], auth_key[SRTP_AUTH_KEY_BYTES];
    uint8_t session_salt[SRTP_MAX_SALT_BYTES];
    ok = srtp_derive(key, salt, salt_bytes, base, session_key, sizeof session_key) &&
         srtp_derive(key, salt, salt_bytes, (uint8_t)(base + 1), auth_key, sizeof auth_key) &&
         srtp_derive(key, salt, salt_bytes, (uint8_t)(base + 2), session_salt, salt_bytes) &&
         srtp_session_init(i ? &cipher->rtcp : &cipher->rtp, profile, session_key, auth_key,
                           session_salt, encrypt);
    OPENSSL_cleanse(session_key, sizeof session_key);
    OPENSSL_cleanse(auth_key, sizeof auth_key);
    OPENSSL_cleanse(session_salt, sizeof session_salt);
  }
  if (!ok) srtp_cipher_free(cipher);
  return ok;
}

void srtp_cipher_free(SrtpCipher *cipher) {
  srtp_session_free(&cipher->rtp);
  srtp_session_free(&cipher->rtcp);
  cipher->profile = PROFILE_NONE;
}

void srtp_cipher_prefetch(const SrtpCipher *cipher, int part) {
  /* EVP_CIPHER_CTX has 184 bytes, what AES-GCM has behind it 744; neither begins with a line. */
  enum { LINE = 64, CONTEXT_LINES = 4, STATE_LINES = 13, LINES = CONTEXT_LINES + STATE_LINES };
  const char *context = (const char *)cipher->rtp.cipher, *state = cipher->rtp.state;
  int end = (part + 1) * LINES / SRTP_PREFETCH_PARTS;
  for (int i = part * LINES / SRTP_PREFETCH_PARTS; i < end; i++) {
    if (i < CONTEXT_LINES) __builtin_prefetch(context + i * LINE);
    else if (state) __builtin_prefetch(state + (i - CONTEXT_LINES) * LINE);
  }
}

static void xor_salt(uint8_t *iv, const uint8_t *salt, size_t length) {
  for (size_t i = 0; i < length; i++) iv[i] ^= salt[i];
}

/* RFC 7714 §8.1: 00 00 | SSRC | ROC | SEQ, and §9.1: 00 00 | SSRC | 00 00 | index; XOR salt. */
static void gcm_iv(uint8_t iv[GCM_SALT], const SrtpSession *session, const uint8_t *ssrc,
                   uint32_t high, uint32_t low, size_t high_at, size_t low_bytes) {
  memset(iv, 0, GCM_SALT);
  memcpy(iv + 2, ssrc, 4);
  put32(iv + high_at, high);
  if (low_bytes) put16(iv + 10, low);
  xor_salt(iv, session->salt, GCM_SALT);
}

/* RFC 3711 §4.1.1: salt * 2^16 XOR SSRC * 2^64 XOR index * 2^16, index of 48 bits. */
static void cm_iv(uint8_t iv[16], const SrtpSession *session, const uint8_t *ssrc, uint32_t high,
                  uint32_t low) {
  memset(iv, 0, 16);
  memcpy(iv + 4, ssrc, 4);
  put32(iv + 8, high);
  put16(iv + 12, low);
  xor_salt(iv, session->salt, CM_SALT);
}

static bool mac_of(SrtpSession *session, const uint8_t *data, size_t length, const uint8_t *more,
                   size_t more_length, uint8_t out[20]) {
  size_t n = 0;
  return EVP_MAC_init(session->mac, NULL, 0, NULL) == 1 &&
         EVP_MAC_update(session->mac, data, length) == 1 &&
         (more_length == 0 || EVP_MAC_update(session->mac, more, more_length) == 1) &&
         EVP_MAC_final(session->mac, out, &n, 20) == 1 && n == 20;
}

static bool ctr(SrtpSession *session, const uint8_t *iv, const uint8_t *in, uint8_t *out,
                size_t length) {
  int n = 0;
  return EVP_CipherInit_ex(session->cipher, NULL, NULL, NULL, iv, -1) == 1 &&
         EVP_CipherUpdate(session->cipher, out, &n, in, (int)length) == 1;
}

size_t srtp_protect_rtp(SrtpCipher *cipher, uint8_t *packet, size_t header, const uint8_t *plain,
                        size_t plain_length, uint32_t roc) {
  SrtpSession *session = &cipher->rtp;
  uint8_t *payload = packet + header;
  size_t length = header + plain_length;
  uint8_t iv[16];
  if (cipher->profile == PROFILE_AEAD_AES_128_GCM) {
    gcm_iv(iv, session, packet + 8, roc, get16(packet + 2), 6, 2);
    if (!gcm_seal(session->cipher, iv, packet, header, NULL, 0, plain, payload, plain_length)) return 0;
    return length + GCM_TAG;
  }
  uint8_t roc_bytes[4], tag[20];
  put32(roc_bytes, roc);
  cm_iv(iv, session, packet + 8, roc, get16(packet + 2));
  if (!ctr(session, iv, plain, payload, plain_length)) return 0;
  if (!mac_of(session, packet, length, roc_bytes, 4, tag)) return 0;
  memcpy(packet + length, tag, CM_TAG);
  return length + CM_TAG;
}

size_t srtp_unprotect_rtp(SrtpCipher *cipher, const uint8_t *in, size_t header, size_t length,
                          uint32_t roc, uint8_t *out) {
  SrtpSession *session = &cipher->rtp;
  uint8_t iv[16];
  size_t plain = length - srtp_tag_bytes(cipher->profile);
  if (cipher->profile == PROFILE_AEAD_AES_128_GCM) {
    gcm_iv(iv, session, in + 8, roc, get16(in + 2), 6, 2);
    if (!gcm_open(session->cipher, iv, in, header, NULL, 0, in + header, plain - header, out + header)) {
      return 0;
    }
  } else {
    uint8_t roc_bytes[4], tag[20];
    put32(roc_bytes, roc);
    if (!mac_of(session, in, plain, roc_bytes, 4, tag)) return 0;
    if (CRYPTO_memcmp(tag, in + plain, CM_TAG) != 0) return 0;
    cm_iv(iv, session, in + 8, roc, get16(in + 2));
    if (!ctr(session, iv, in + header, out + header, plain - header)) return 0;
  }
  memcpy(out, in, header);
  return plain;
}

/* SRTCP: GCM puts the index word after the tag (RFC 7714 §9.2), CM before it (RFC 3711 §3.4). */
size_t srtcp_protect(SrtpCipher *cipher, uint8_t *packet, size_t length, uint32_t index) {
  SrtpSession *session = &cipher->rtcp;
  uint8_t *payload = packet + RTCP_HEADER;
  size_t payload_length = length - RTCP_HEADER;
  uint8_t iv[16], word[INDEX_WORD];
  put32(word, index | ENCRYPTED_FLAG);
  if (cipher->profile == PROFILE_AEAD_AES_128_GCM) {
    gcm_iv(iv, session, packet + 4, index, 0, 8, 0);
    if (!gcm_seal(session->cipher, iv, packet, RTCP_HEADER, word, 4, payload, payload, payload_length)) return 0;
    memcpy(packet + length + GCM_TAG, word, INDEX_WORD);
    return length + GCM_TAG + INDEX_WORD;
  }
  uint8_t tag[20];
  cm_iv(iv, session, packet + 4, index >> 16, index & 0xffff);
  if (!ctr(session, iv, payload, payload, payload_length)) return 0;
  memcpy(packet + length, word, INDEX_WORD);
  if (!mac_of(session, packet, length + INDEX_WORD, NULL, 0, tag)) return 0;
  memcpy(packet + length + INDEX_WORD, tag, CM_TAG);
  return length + INDEX_WORD + CM_TAG;
}

size_t srtcp_unprotect(SrtpCipher *cipher, const uint8_t *in, size_t length, uint8_t *out) {
  SrtpSession *session = &cipher->rtcp;
  uint8_t iv[16];
  size_t plain = length - srtp_tag_bytes(cipher->profile) - INDEX_WORD;
  size_t payload_length = plain - RTCP_HEADER;
  if (cipher->profile == PROFILE_AEAD_AES_128_GCM) {
    const uint8_t *word = in + length - INDEX_WORD;
    gcm_iv(iv, session, in + 4, get32(word) & ~ENCRYPTED_FLAG, 0, 8, 0);
    if (!gcm_open(session->cipher, iv, in, RTCP_HEADER, word, INDEX_WORD, in + RTCP_HEADER, payload_length,
                  out + RTCP_HEADER)) {
      return 0;
    }
  } else {
    uint8_t tag[20];
    uint32_t index = get32(in + plain) & ~ENCRYPTED_FLAG;
    if (!mac_of(session, in, plain + INDEX_WORD, NULL, 0, tag)) return 0;
    if (CRYPTO_memcmp(tag, in + plain + INDEX_WORD, CM_TAG) != 0) return 0;
    cm_iv(iv, session, in + 4, index >> 16, index & 0xffff);
    if (!ctr(session, iv, in + RTCP_HEADER, out + RTCP_HEADER, payload_length)) return 0;
  }
  memcpy(out, in, RTCP_HEADER);
  return plain;
}
