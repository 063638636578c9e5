/* Self-signed ECDSA P-256 certificates, and the fingerprint that SDP and Jingle carry (RFC 8122). */
#include "certificate.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

bool certificate_fingerprint(X509 *certificate, char out[96]) {
  uint8_t digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  if (X509_digest(certificate, EVP_sha256(), digest, &length) != 1 || length != 32) return false;
  static const char hex[] = "0123456789ABCDEF";
  for (unsigned int i = 0; i < length; i++) {
    out[i * 3] = hex[digest[i] >> 4];
    out[i * 3 + 1] = hex[digest[i] & 15];
    out[i * 3 + 2] = i + 1 < length ? ':' : '\0';
  }
  return true;
}

static bool add_extension(X509 *certificate, int nid, const char *value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
  X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
  bool ok = extension && X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return ok;
}

static bool set_serial(X509 *certificate) {
  uint8_t bytes[16];
  if (RAND_bytes(bytes, sizeof bytes) != 1) return false;
  bytes[0] = (bytes[0] & 0x7f) | 0x40; /* positive, and never zero (RFC 5280 §4.1.2.2) */
  BIGNUM *number = BN_bin2bn(bytes, sizeof bytes, NULL);
  bool ok = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
  BN_free(number);
  return ok;
}

static bool fill(X509 *certificate, EVP_PKEY *key, const char *common_name,
                 const char *alternative_names, int valid_days) {
  X509_NAME *name = X509_get_subject_name(certificate);
  return X509_set_version(certificate, 2) == 1 && set_serial(certificate) &&
         X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const uint8_t *)common_name, -1, -1,
                                    0) == 1 &&
         X509_set_issuer_name(certificate, name) == 1 &&
         /* A day back: clocks differ. */
         X509_time_adj_ex(X509_getm_notBefore(certificate), -1, 0, NULL) &&
         X509_time_adj_ex(X509_getm_notAfter(certificate), valid_days, 0, NULL) &&
         X509_set_pubkey(certificate, key) == 1 &&
         add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
         add_extension(certificate, NID_key_usage, "critical,digitalSignature") &&
         add_extension(certificate, NID_ext_key_usage, "serverAuth,clientAuth") &&
         (alternative_names[0] == '\0' ||
          add_extension(certificate, NID_subject_alt_name, alternative_names)) &&
         X509_sign(certificate, key, EVP_sha256()) > 0;
}

static char *text_of(BIO *bio) {
  char *data = NULL;
  long length = BIO_get_mem_data(bio, &data);
  char *text = length > 0 ? malloc((size_t)length + 1) : NULL;
  if (!text) return NULL;
  memcpy(text, data, (size_t)length);
  text[length] = '\0';
  return text;
}

bool certificate_create(const char *common_name, const char *alternative_names, int valid_days,
                        char **certificate_pem, char **private_key_pem) {
  *certificate_pem = *private_key_pem = NULL;
  EVP_PKEY *key = EVP_EC_gen("P-256");
  X509 *certificate = X509_new();
  BIO *certificate_bio = BIO_new(BIO_s_mem());
  BIO *key_bio = BIO_new(BIO_s_secmem());
  bool ok = key && certificate && certificate_bio && key_bio &&
            fill(certificate, key, common_name, alternative_names, valid_days) &&
            PEM_write_bio_X509(certificate_bio, certificate) == 1 &&
            PEM_write_bio_PKCS8PrivateKey(key_bio, key, NULL, NULL, 0, NULL, NULL) == 1 &&
            (*certificate_pem = text_of(certificate_bio)) && (*private_key_pem = text_of(key_bio));
  if (!ok) {
    free(*certificate_pem);
    *certificate_pem = NULL;
  }
  BIO_free(certificate_bio);
  BIO_free(key_bio);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return ok;
}
