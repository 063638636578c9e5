#include "baseline_crypto.h"

#include <string.h>

#ifdef WITH_LIBSRTP

const char *libsrtp_version(void) { return srtp_get_version_string(); }

static bool session_init(Crypto *crypto, SrtpProfile profile, const uint8_t *key, bool encrypt) {
  static bool started;
  if (!started && srtp_init() != srtp_err_status_ok) return false;
  started = true;
  srtp_policy_t policy;
  memset(&policy, 0, sizeof policy);
  if (profile == PROFILE_AEAD_AES_128_GCM) {
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
  } else {
    srtp_crypto_policy_set_rtp_default(&policy.rtp);
    srtp_crypto_policy_set_rtcp_default(&policy.rtcp);
  }
  policy.ssrc.type = encrypt ? ssrc_any_outbound : ssrc_any_inbound;
  policy.key = (unsigned char *)(uintptr_t)key;
  policy.window_size = 1024;
  return srtp_create(&crypto->session, &policy) == srtp_err_status_ok;
}

static size_t session_protect(Crypto *crypto, uint8_t *packet, size_t length) {
  int bytes = (int)length;
  return srtp_protect(crypto->session, packet, &bytes) == srtp_err_status_ok ? (size_t)bytes : 0;
}

static int session_unprotect(Crypto *crypto, uint8_t *packet, size_t length) {
  int bytes = (int)length;
  return srtp_unprotect(crypto->session, packet, &bytes) == srtp_err_status_ok ? bytes : 0;
}

#else

const char *libsrtp_version(void) { return NULL; }

static bool session_init(Crypto *crypto, SrtpProfile profile, const uint8_t *key, bool encrypt) {
  (void)crypto, (void)profile, (void)key, (void)encrypt;
  return false;
}

static size_t session_protect(Crypto *crypto, uint8_t *packet, size_t length) {
  (void)crypto, (void)packet, (void)length;
  return 0;
}

static int session_unprotect(Crypto *crypto, uint8_t *packet, size_t length) {
  (void)crypto, (void)packet, (void)length;
  return 0;
}

#endif

bool crypto_init(Crypto *crypto, bool libsrtp, SrtpProfile profile, const uint8_t *key,
                 bool encrypt) {
  memset(crypto, 0, sizeof *crypto);
  return libsrtp ? session_init(crypto, profile, key, encrypt)
                 : srtp_cipher_init(&crypto->own.cipher, profile, key, key + 16, encrypt);
}

size_t crypto_protect(Crypto *crypto, uint8_t *packet, size_t header, const uint8_t *plain,
                      size_t plain_length, uint32_t roc) {
  if (!crypto->session) {
    return srtp_protect_rtp(&crypto->own.cipher, packet, header, plain, plain_length, roc);
  }
  memcpy(packet + header, plain, plain_length);
  return session_protect(crypto, packet, header + plain_length);
}

int crypto_unprotect(Crypto *crypto, const uint8_t *in, size_t length, uint8_t *out) {
  if (!crypto->session) return srtp_receive_rtp(&crypto->own, in, length, out, 0);
  memcpy(out, in, length);
  return session_unprotect(crypto, out, length);
}
