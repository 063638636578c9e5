/** Node's cryptography behind the interfaces that cores take as dependencies. */
export { hmacSha1, sha256Hex } from './digest.ts';
export { systemRandom } from './system-random.ts';
