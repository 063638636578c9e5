/**
 * The certificate of the web server, in CONFIG/keys: the operator's own (`cert.crt` with the chain,
 * `cert.key`), or one that the server signs itself, keeps, and renews before it ends.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { SelfSignedCertificate } from '@conclave/platform/packet-io';
import type { StateFolder } from '@conclave/platform/storage';
import { StartError } from '../errors.ts';

export interface WebCertificate {
  /** PEM, with intermediates. */
  readonly certificate: string;
  readonly privateKey: string;
  readonly isSelfSigned: boolean;
}

export interface CertificateDependencies {
  readonly state: StateFolder;
  /** DNS names and IP addresses that a certificate of our own must hold. */
  readonly names: readonly string[];
  readonly wallMs: number;
  readonly createSelfSigned: (
    commonName: string,
    alternativeNames: readonly string[],
    validDays: number,
  ) => SelfSignedCertificate;
  /** Told when a certificate of the operator's is about to end. */
  readonly warn: (message: string) => void;
}

const OWN = { certificate: 'keys/cert.crt', privateKey: 'keys/cert.key' } as const;
const SELF_SIGNED = {
  certificate: 'keys/self-signed.crt',
  privateKey: 'keys/self-signed.key',
} as const;

const DAY_MS = 86_400_000;
/** Browsers do not accept longer ones, even when the user does (CA/Browser Forum BR §6.3.2). */
const VALID_DAYS = 397;
const RENEW_DAYS = 30;

/** Throws StartError `CERTIFICATE_INVALID` for files of the operator's that cannot be used. */
export function loadCertificate(deps: CertificateDependencies): WebCertificate {
  return loadOwn(deps) ?? loadSelfSigned(deps) ?? makeSelfSigned(deps);
}

function loadOwn({ state, wallMs, warn }: CertificateDependencies): WebCertificate | undefined {
  const certificate = state.readText(OWN.certificate);
  const privateKey = state.readText(OWN.privateKey);
  if (certificate === undefined && privateKey === undefined) return undefined;
  const files = `${state.pathOf(OWN.certificate)} and ${state.pathOf(OWN.privateKey)}`;
  const fail = (problem: string, cause?: unknown): never => {
    throw new StartError(
      'CERTIFICATE_INVALID',
      `${problem}. Expected ${files}, both in PEM, or neither for a self-signed certificate.`,
      { cause },
    );
  };
  if (certificate === undefined) return fail('there is a private key but no certificate');
  if (privateKey === undefined) return fail('there is a certificate but no private key');
  const parsed = tryTo(
    () => new X509Certificate(certificate),
    (cause) => fail(`${state.pathOf(OWN.certificate)} is not a certificate`, cause),
  );
  const key = tryTo(
    () => createPrivateKey(privateKey),
    (cause) =>
      fail(`${state.pathOf(OWN.privateKey)} is not a private key without passphrase`, cause),
  );
  if (!parsed.checkPrivateKey(key)) fail('the private key does not belong to the certificate');
  const daysLeft = Math.floor((Date.parse(parsed.validTo) - wallMs) / DAY_MS);
  if (daysLeft < 0)
    warn(
      `the certificate ${state.pathOf(OWN.certificate)} has expired: browsers refuse it. Put the renewed one in its place`,
    );
  else if (daysLeft < RENEW_DAYS / 2) {
    warn(`the certificate ${state.pathOf(OWN.certificate)} expires in ${daysLeft} days`);
  }
  return { certificate, privateKey, isSelfSigned: isSelfSigned(parsed) };
}

/** The one made earlier, unless it is damaged, about to end or lacks a name of this machine. */
function loadSelfSigned({
  state,
  names,
  wallMs,
}: CertificateDependencies): WebCertificate | undefined {
  const certificate = state.readText(SELF_SIGNED.certificate);
  const privateKey = state.readText(SELF_SIGNED.privateKey);
  if (certificate === undefined || privateKey === undefined) return undefined;
  try {
    const parsed = new X509Certificate(certificate);
    const leftMs = Date.parse(parsed.validTo) - wallMs;
    // An address that changed is no reason: everyone would have to accept the new one again.
    const lacksName = names.some((name) => !isIp(name) && parsed.checkHost(name) === undefined);
    const isUsable = leftMs > RENEW_DAYS * DAY_MS && !lacksName;
    if (!isUsable || !parsed.checkPrivateKey(createPrivateKey(privateKey))) return undefined;
    return { certificate, privateKey, isSelfSigned: true };
  } catch {
    return undefined;
  }
}

function makeSelfSigned({
  state,
  names,
  createSelfSigned,
}: CertificateDependencies): WebCertificate {
  const alternativeNames = names.map((name) => (isIp(name) ? `IP:${name}` : `DNS:${name}`));
  const made = createSelfSigned('Conclave', alternativeNames, VALID_DAYS);
  state.writeText(SELF_SIGNED.privateKey, made.privateKey);
  state.writeText(SELF_SIGNED.certificate, made.certificate);
  return { ...made, isSelfSigned: true };
}

/** Then browsers trust it only by exception, whoever made it. */
export function isSelfSigned(certificate: X509Certificate): boolean {
  return certificate.verify(certificate.publicKey);
}

function isIp(name: string): boolean {
  return name.includes(':') || /^[\d.]+$/.test(name);
}

function tryTo<T>(run: () => T, otherwise: (error: unknown) => never): T {
  try {
    return run();
  } catch (error) {
    return otherwise(error);
  }
}
