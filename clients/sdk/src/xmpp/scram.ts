/**
 * The client's half of SCRAM (RFC 5802, RFC 7677) without channel binding, which a browser cannot do. The password never
 * leaves the browser, and the server has to prove that it knows the account. All cryptography is the browser's.
 */

export type ScramHash = 'SHA-1' | 'SHA-256';

/** The part of WebCrypto that is used. */
export type SubtleCryptoLike = Pick<
  SubtleCrypto,
  'deriveBits' | 'digest' | 'exportKey' | 'importKey' | 'sign'
>;

export interface ScramOptions {
  readonly hash: ScramHash;
  readonly user: string;
  readonly password: string;
  /** Printable characters without a comma, random. */
  readonly nonce: string;
}

/** Above this a server only wants to keep us busy. */
const MAX_ITERATIONS = 5_000_000;
/** Below this the password could be guessed from what goes over the wire (RFC 7677 §4). */
const MIN_ITERATIONS = 4_096;
const HASH_BITS = { 'SHA-1': 160, 'SHA-256': 256 } as const;
/** Base64 of `n,,`: no channel binding. */
const GS2_HEADER = 'n,,';

const encoder = new TextEncoder();

export class Scram {
  readonly #subtle: SubtleCryptoLike;
  readonly #options: ScramOptions;
  #serverSignature = '';

  constructor(subtle: SubtleCryptoLike, options: ScramOptions) {
    this.#subtle = subtle;
    this.#options = options;
  }

  get clientFirst(): string {
    return `${GS2_HEADER}${this.#clientFirstBare}`;
  }

  /** The answer to the server's challenge. Rejects when the challenge makes no sense. */
  async respond(serverFirst: string): Promise<string> {
    const { nonce, password, hash } = this.#options;
    const fields = readFields(serverFirst);
    const serverNonce = fields.get('r') ?? '';
    const iterations = Number(fields.get('i'));
    const isSane = iterations >= MIN_ITERATIONS && iterations <= MAX_ITERATIONS;
    if (fields.has('m') || !isSane) throw new Error('the server asks for what we do not do');
    if (!serverNonce.startsWith(nonce) || serverNonce === nonce) {
      throw new Error('the server answered somebody else');
    }
    const withoutProof = `c=${btoa(GS2_HEADER)},r=${serverNonce}`;
    const message = `${this.#clientFirstBare},${serverFirst},${withoutProof}`;
    const salt = fromBase64(fields.get('s') ?? '');
    const salted = await this.#saltedPassword(password.normalize('NFKC'), salt, iterations);
    const clientKey = await this.#hmac(salted, encoder.encode('Client Key'));
    const storedKey = new Uint8Array(await this.#subtle.digest(hash, clientKey));
    const clientSignature = await this.#hmac(storedKey, encoder.encode(message));
    const proof = clientKey.map((byte, index) => byte ^ (clientSignature[index] ?? 0));
    const serverKey = await this.#hmac(salted, encoder.encode('Server Key'));
    this.#serverSignature = toBase64(await this.#hmac(serverKey, encoder.encode(message)));
    return `${withoutProof},p=${toBase64(proof)}`;
  }

  /** Whether the server knows the account too; whoever does not is not our server. */
  isGenuine(serverFinal: string): boolean {
    const signature = readFields(serverFinal).get('v');
    return this.#serverSignature !== '' && signature === this.#serverSignature;
  }

  get #clientFirstBare(): string {
    const { user, nonce } = this.#options;
    const name = user.normalize('NFKC').replaceAll('=', '=3D').replaceAll(',', '=2C');
    return `n=${name},r=${nonce}`;
  }

  async #saltedPassword(
    password: string,
    salt: Uint8Array<ArrayBuffer>,
    iterations: number,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { hash } = this.#options;
    const raw = encoder.encode(password);
    const key = await this.#subtle.importKey('raw', raw, 'PBKDF2', false, ['deriveBits']);
    const algorithm = { name: 'PBKDF2', hash, salt, iterations };
    return new Uint8Array(await this.#subtle.deriveBits(algorithm, key, HASH_BITS[hash]));
  }

  async #hmac(
    key: Uint8Array<ArrayBuffer>,
    data: Uint8Array<ArrayBuffer>,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const algorithm = { name: 'HMAC', hash: this.#options.hash };
    const imported = await this.#subtle.importKey('raw', key, algorithm, false, ['sign']);
    return new Uint8Array(await this.#subtle.sign('HMAC', imported, data));
  }
}

/** `a=1,b=2`; a value may hold `=`. */
function readFields(message: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const part of message.split(',').slice(0, 20)) {
    if (part[1] === '=') fields.set(part.slice(0, 1), part.slice(2));
  }
  return fields;
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
