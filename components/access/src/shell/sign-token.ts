/** Signs with the shared secret, as the application that JWT_APP_ID names would. */
import { SignJWT } from 'jose';

/** `algorithm`: HS256, HS384 or HS512. */
export function signToken(
  claims: Record<string, unknown>,
  secret: string,
  algorithm = 'HS256',
): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: algorithm, typ: 'JWT' })
    .sign(new TextEncoder().encode(secret));
}
