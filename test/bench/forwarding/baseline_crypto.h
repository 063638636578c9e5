/* One direction of SRTP for the baselines: libsrtp, or the addon's cipher code. */
#ifndef BASELINE_CRYPTO_H
#define BASELINE_CRYPTO_H

#include "../../../platform/native/srtp_receiver.h"

#ifdef WITH_LIBSRTP
#include <srtp2/srtp.h>
#else
typedef void *srtp_t;
#endif

typedef struct {
  srtp_t session; /* libsrtp's, or NULL */
  SrtpReceiver own;
} Crypto;

/* `key` holds the master key and salt. False when libsrtp is not there or refuses. */
bool crypto_init(Crypto *crypto, bool libsrtp, SrtpProfile profile, const uint8_t *key, bool encrypt);
/* As srtp_protect_rtp. */
size_t crypto_protect(Crypto *crypto, uint8_t *packet, size_t header, const uint8_t *plain,
                      size_t plain_length, uint32_t roc);
/* The plain length, 0 or less when refused. */
int crypto_unprotect(Crypto *crypto, const uint8_t *in, size_t length, uint8_t *out);
/* libsrtp's version, or NULL without it. */
const char *libsrtp_version(void);

#endif
