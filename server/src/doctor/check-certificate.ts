/** The certificate of the web server: dates, and whether it is for the name that people type. */
import { X509Certificate } from 'node:crypto';
import type { StateFolder } from '@conclave/platform/storage';
import type { Settings } from '../settings/index.ts';
import { loadCertificate, type WebCertificate } from '../web/certificate.ts';
import { type Finding, messageOf, note, ok, problem, warning } from './finding.ts';

const SUBJECT = 'certificate';
const DAY_MS = 86_400_000;

/** None is made, unlike at the start of the server. */
class NoCertificate extends Error {}

export function checkCertificate(
  settings: Settings,
  state: StateFolder,
  wallMs: number,
): readonly Finding[] {
  if (settings.DISABLE_HTTPS) {
    return [note(SUBJECT, 'none: DISABLE_HTTPS leaves HTTPS to a reverse proxy')];
  }
  const warnings: Finding[] = [];
  let found: WebCertificate;
  try {
    found = loadCertificate({
      state,
      names: [],
      wallMs,
      createSelfSigned: () => {
        throw new NoCertificate();
      },
      warn: (message) => warnings.push(warning(SUBJECT, message)),
    });
  } catch (error) {
    return error instanceof NoCertificate
      ? [note(SUBJECT, 'the server makes a self-signed one at its first start')]
      : [problem(SUBJECT, messageOf(error))];
  }
  if (warnings.length > 0) return warnings;
  const parsed = new X509Certificate(found.certificate);
  const days = Math.floor((Date.parse(parsed.validTo) - wallMs) / DAY_MS);
  if (Date.parse(parsed.validFrom) > wallMs) {
    const text = `is good only from ${parsed.validFrom} on: the clock of this machine is slow, or the certificate is for later`;
    return [problem(SUBJECT, text)];
  }
  const host = settings.PUBLIC_URL?.hostname.replace(/^\[|\]$/g, '');
  const isForHost =
    host === undefined || (parsed.checkHost(host) ?? parsed.checkIP(host)) !== undefined;
  if (!isForHost) {
    const text = `is not for ${host}, the name in PUBLIC_URL: browsers refuse it. Get one for that name, or correct PUBLIC_URL`;
    return [problem(SUBJECT, text)];
  }
  if (found.isSelfSigned) {
    const text = `self-signed, ${days} days left: browsers warn once, and Jitsi's apps refuse it. One of your own goes to ${state.pathOf('keys')}/cert.crt and cert.key`;
    return [warning(SUBJECT, text)];
  }
  return [ok(SUBJECT, `good for another ${days} days`)];
}
