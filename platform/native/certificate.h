/* Self-signed certificates and their fingerprints. */
#ifndef CERTIFICATE_H
#define CERTIFICATE_H

#include <openssl/x509.h>
#include <stdbool.h>

/* SHA-256 of the certificate as `AB:CD:…`, 96 bytes with the terminator. */
bool certificate_fingerprint(X509 *certificate, char out[96]);
/* PEM texts to be freed with free(); false when OpenSSL refuses, for example a malformed name. */
bool certificate_create(const char *common_name, const char *alternative_names, int valid_days,
                        char **certificate_pem, char **private_key_pem);

#endif
