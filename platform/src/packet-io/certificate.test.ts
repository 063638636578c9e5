/** Self-signed certificates as others read them. */
import { describe, expect, test } from 'vitest';
import { createPacketIo, createSelfSignedCertificate } from './packet-io.ts';

describe('createSelfSignedCertificate', () => {
  test('names and fingerprint can be used', async () => {
    const made = createSelfSignedCertificate({
      commonName: 'meet.example',
      alternativeNames: ['DNS:localhost', 'DNS:*.meet.example', 'IP:127.0.0.1', 'IP:::1'],
      validDays: 30,
    });
    const { X509Certificate } = await import('node:crypto');
    const x509 = new X509Certificate(made.certificate);
    expect(x509.subject).toBe('CN=meet.example');
    expect(x509.subjectAltName).toBe(
      'DNS:localhost, DNS:*.meet.example, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1',
    );
    expect(x509.verify(x509.publicKey)).toBe(true);
    expect(x509.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
    const days = (Date.parse(x509.validTo) - Date.parse(x509.validFrom)) / 86_400_000;
    expect(days).toBe(31);
    const io = createPacketIo(
      { port: 0, address: '127.0.0.1', slotCount: 16, txCapacity: 16, ...made },
      { onBatch() {}, onDtlsConnected() {}, onDtlsClosed() {} },
    );
    expect(io.fingerprint).toBe(x509.fingerprint256);
    io.close();
  });

  test.each([['DNS:a,DNS:b'], ['email:a@b'], ['DNS:'], ['IP:999.1.1.1'], ['DNS:a\nb']])(
    'refuses the alternative name %j',
    (name) => {
      expect(() =>
        createSelfSignedCertificate({ commonName: 'x', alternativeNames: [name], validDays: 1 }),
      ).toThrow(expect.objectContaining({ code: 'PACKET_IO_CERTIFICATE_INVALID' }));
    },
  );
});
