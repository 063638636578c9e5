/** Logins under way: each is answered once and in time, and there are only so many of them. */
import type { Authenticate, LoginRequest, LoginResult } from './authenticator.ts';
import type { CoreContext } from './context.ts';
import { ANONYMOUS } from './identity.ts';

const UNAVAILABLE: LoginResult = { type: 'refused', condition: 'temporary-auth-failure' };

export class LoginGate {
  readonly #core: CoreContext;
  readonly #authenticate: Authenticate | undefined;

  /** Without `authenticate` everybody may in. */
  constructor(core: CoreContext, authenticate: Authenticate | undefined) {
    this.#core = core;
    this.#authenticate = authenticate;
  }

  logIn(request: LoginRequest, done: (result: LoginResult) => void): void {
    const { metrics, options, deadlines, nowMs } = this.#core;
    if (this.#authenticate === undefined) {
      done({ type: 'accepted', identity: ANONYMOUS });
      return;
    }
    if (metrics.pendingLogins >= options.limits.maxPendingLogins) {
      metrics.loginsRefused++;
      recordLogin(this.#core, request, UNAVAILABLE);
      done(UNAVAILABLE);
      return;
    }
    metrics.pendingLogins++;
    let isAnswered = false;
    const answer = (result: LoginResult) => {
      if (isAnswered) return;
      isAnswered = true;
      deadline.cancel();
      metrics.pendingLogins--;
      if (result.type === 'refused') metrics.loginsRefused++;
      recordLogin(this.#core, request, result);
      done(result);
    };
    const dueMs = nowMs + options.limits.authenticateTimeoutMs;
    const deadline = deadlines.at(dueMs, () => answer(UNAVAILABLE));
    this.#authenticate(request, answer);
  }
}

/** To the audit log; who it is, when the login told. */
function recordLogin(core: CoreContext, request: LoginRequest, result: LoginResult): void {
  const { mechanism, token, remoteAddress, room } = request;
  const base = {
    address: remoteAddress,
    method: token === undefined ? mechanism : 'token',
    ...(room !== undefined && { room }),
  };
  if (result.type === 'refused') {
    const reason = result.text ?? result.condition;
    core.audit.record({ ...base, event: 'login.refused', reason });
    return;
  }
  const { user, isAuthenticated } = result.identity;
  const actor = user?.id ?? user?.name ?? (isAuthenticated ? undefined : 'guest');
  core.audit.record({ ...base, event: 'login.accepted', ...(actor !== undefined && { actor }) });
}
