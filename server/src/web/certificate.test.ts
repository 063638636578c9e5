import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSelfSignedCertificate } from '@conclave/platform/packet-io';
import { StateFolder } from '@conclave/platform/storage';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isSelfSigned, loadCertificate } from './certificate.ts';

let state: StateFolder;
beforeEach(() => {
  state = new StateFolder(mkdtempSync(join(tmpdir(), 'conclave-certificate-')));
});
afterEach(() => rmSync(state.path, { recursive: true, force: true }));

/** Signed by an authority; only the public part. */
const ISSUED = `-----BEGIN CERTIFICATE-----
MIIBKTCB0AIULDfgf/LZay+jy5QTKSj2zRK+LxAwCgYIKoZIzj0EAwIwEjEQMA4G
A1UEAwwHVGVzdCBDQTAgFw0yNjExMjEwNTIxMjlaGA8yMTI2MTAyODA1MjEyOVow
GzEZMBcGA1UEAwwQbWVldC5leGFtcGxlLmNvbTBZMBMGByqGSM49AgEGCCqGSM49
AwEHA0IABJLf5xlmDR8yVOzTXPK/ykYuS0MCSbIMXRX0F8NdYWzIRUbTb991u8rQ
WLk4vVPsaChMyR+oc680Uc2fN91ywBgwCgYIKoZIzj0EAwIDSAAwRQIgZASC2xw6
JeTWIcR4RnOTOpvDXhZNcOpC22+9t/Dk4GECIQCO45kju0FDutfn5tXpSv1zZPZy
UmOX7iyQ3gnIi/SyvA==
-----END CERTIFICATE-----`;

const DAY_MS = 86_400_000;

function load(options: { names?: string[]; inDays?: number; warnings?: string[] } = {}) {
  return loadCertificate({
    state,
    names: options.names ?? ['localhost', '127.0.0.1', '::1'],
    wallMs: Date.now() + (options.inDays ?? 0) * DAY_MS,
    createSelfSigned: (commonName, alternativeNames, validDays) =>
      createSelfSignedCertificate({ commonName, alternativeNames, validDays }),
    warn: (message) => options.warnings?.push(message),
  });
}

function own(validDays = 365) {
  return createSelfSignedCertificate({
    commonName: 'meet.example.com',
    alternativeNames: ['DNS:meet.example.com'],
    validDays,
  });
}

describe('loadCertificate', () => {
  test('makes a certificate for the names of the machine and keeps it, private', () => {
    const made = load();
    const parsed = new X509Certificate(made.certificate);
    expect(made.isSelfSigned).toBe(true);
    expect(parsed.checkHost('localhost')).toBe('localhost');
    expect(parsed.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(statSync(state.pathOf('keys/self-signed.key')).mode & 0o777).toBe(0o600);
    expect(load()).toEqual(made);
  });

  test('renews it 30 days before its end, not earlier', () => {
    const made = load();
    expect(load({ inDays: 366 })).toEqual(made);
    expect(load({ inDays: 368 })).not.toEqual(made);
  });

  test('renews it when the machine has a new name, not for a new address', () => {
    const made = load();
    expect(load({ names: ['localhost', '192.0.2.9'] })).toEqual(made);
    expect(load({ names: ['localhost', 'meet.example.com'] })).not.toEqual(made);
  });

  test('renews it when the files are damaged', () => {
    const made = load();
    state.writeText('keys/self-signed.key', 'not a key');
    expect(load()).not.toEqual(made);
  });

  test("prefers the operator's own", () => {
    const { certificate, privateKey } = own();
    state.writeText('keys/cert.crt', certificate);
    state.writeText('keys/cert.key', privateKey);
    expect(load()).toEqual({ certificate, privateKey, isSelfSigned: true });
  });

  test("knows the operator's own that is self-signed, too: no HSTS with it", () => {
    expect(isSelfSigned(new X509Certificate(own().certificate))).toBe(true);
    expect(isSelfSigned(new X509Certificate(ISSUED))).toBe(false);
  });

  test.each([
    ['a missing key', { 'keys/cert.crt': own().certificate }, /certificate but no private key/],
    ['a missing certificate', { 'keys/cert.key': own().privateKey }, /key but no certificate/],
    [
      'text that is no certificate',
      { 'keys/cert.crt': 'x', 'keys/cert.key': own().privateKey },
      /cert\.crt is not a certificate/,
    ],
    [
      'text that is no key',
      { 'keys/cert.crt': own().certificate, 'keys/cert.key': 'x' },
      /cert\.key is not a private key/,
    ],
    [
      'a key of another certificate',
      { 'keys/cert.crt': own().certificate, 'keys/cert.key': own().privateKey },
      /does not belong/,
    ],
  ])('refuses %s with an explanation', (_case, files, message) => {
    for (const [name, text] of Object.entries(files)) state.writeText(name, text);
    expect(() => load()).toThrow(message);
  });

  test("warns before the end of the operator's own", () => {
    const { certificate, privateKey } = own(100);
    state.writeText('keys/cert.crt', certificate);
    state.writeText('keys/cert.key', privateKey);
    const warnings: string[] = [];
    load({ warnings });
    load({ inDays: 90, warnings });
    load({ inDays: 101, warnings });
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toContain('expires in');
    expect(warnings[1]).toContain('has expired');
  });
});
