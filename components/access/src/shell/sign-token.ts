/** Signs with the shared secret (HS256), as the application that JWT_APP_ID names would. */
import { SignJWT } from 'jose';

export function signToken(claims: Record<string, unknown>, secret: string): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .sign(new TextEncoder().encode(secret));
}
