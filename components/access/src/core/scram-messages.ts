/** Messages of SCRAM (RFC 5802 §5.1, §7). Nothing optional is understood that the server need not. */

export interface ClientFirst {
  /** With the escapes of `,` and `=` undone. */
  readonly user: string;
  /** As whom it wants to act; '' for itself. */
  readonly actAs: string;
  readonly nonce: string;
  /** What `c` of the final message must say. */
  readonly gs2Header: string;
  /** Part of what is signed. */
  readonly bare: string;
}

export interface ClientFinal {
  readonly channelBinding: string;
  readonly nonce: string;
  /** base64 */
  readonly proof: string;
  readonly withoutProof: string;
}

const MAX_NONCE_LENGTH = 256;
const NONCE = /^[\x21-\x2b\x2d-\x7e]+$/;

/** Undefined when it is none, or when it insists on channel binding or an extension. */
export function parseClientFirst(text: string): ClientFirst | undefined {
  const [, gs2Header, actAs = '', bare] =
    /^((?:n|y),(?:a=([^,]+))?,)(n=[^,]+,r=[^,]+(?:,[a-zA-Z]=[^,]+)*)$/.exec(text) ?? [];
  const [, name = '', nonce = ''] = /^n=([^,]+),r=([^,]+)/.exec(bare ?? '') ?? [];
  const [user, other] = [unescaped(name), unescaped(actAs)];
  if (gs2Header === undefined || bare === undefined || user === undefined || other === undefined) {
    return undefined;
  }
  if (!NONCE.test(nonce) || nonce.length > MAX_NONCE_LENGTH) return undefined;
  return { user, actAs: other, nonce, gs2Header, bare };
}

export function parseClientFinal(text: string): ClientFinal | undefined {
  const [, withoutProof, channelBinding, nonce, proof] =
    /^(c=([A-Za-z0-9+/=]+),r=([^,]+)(?:,[a-zA-Z]=[^,]+)*),p=([A-Za-z0-9+/=]+)$/.exec(text) ?? [];
  if (withoutProof === undefined || channelBinding === undefined) return undefined;
  if (nonce === undefined || proof === undefined) return undefined;
  return { channelBinding, nonce, proof, withoutProof };
}

export function serverFirst(nonce: string, saltBase64: string, iterations: number): string {
  return `r=${nonce},s=${saltBase64},i=${iterations}`;
}

/** `=2C` and `=3D`; any other `=` is a fault (§5.1). */
function unescaped(name: string): string | undefined {
  if (/=(?!2C|3D)/.test(name)) return undefined;
  return name.replaceAll('=2C', ',').replaceAll('=3D', '=');
}
