/** Logins under way: each step is answered once and in time, and there are only so many of them. */
import type { Authenticate, LoginRequest, LoginStep, LoginVerdict } from './authenticator.ts';
import type { CoreContext } from './context.ts';
import { ANONYMOUS } from './identity.ts';

const UNAVAILABLE: LoginVerdict = { type: 'refused', condition: 'temporary-auth-failure' };

export class LoginGate {
  readonly #core: CoreContext;
  readonly #authenticate: Authenticate | undefined;

  /** Without `authenticate` everybody may in. */
  constructor(core: CoreContext, authenticate: Authenticate | undefined) {
    this.#core = core;
    this.#authenticate = authenticate;
  }

  logIn(request: LoginRequest, done: (step: LoginStep) => void): void {
    const authenticate = this.#authenticate;
    if (authenticate === undefined) done({ type: 'accepted', identity: ANONYMOUS });
    else this.#await(request, (answer) => authenticate(request, answer), done);
  }

  #await(
    request: LoginRequest,
    ask: (answer: (step: LoginStep) => void) => void,
    done: (step: LoginStep) => void,
  ): void {
    const { metrics, options, deadlines, nowMs } = this.#core;
    if (metrics.pendingLogins >= options.limits.maxPendingLogins) {
      metrics.loginsRefused++;
      recordLogin(this.#core, request, UNAVAILABLE);
      done(UNAVAILABLE);
      return;
    }
    metrics.pendingLogins++;
    let isAnswered = false;
    const answer = (step: LoginStep) => {
      if (isAnswered) return;
      isAnswered = true;
      deadline.cancel();
      metrics.pendingLogins--;
      if (step.type === 'refused') metrics.loginsRefused++;
      if (step.type === 'challenge') done(this.#guarded(request, step));
      else {
        recordLogin(this.#core, request, step);
        done(step);
      }
    };
    const dueMs = nowMs + options.limits.authenticateTimeoutMs;
    const deadline = deadlines.at(dueMs, () => answer(UNAVAILABLE));
    ask(answer);
  }

  /** What follows a challenge has the same bounds. */
  #guarded(
    request: LoginRequest,
    challenge: LoginStep & { readonly type: 'challenge' },
  ): LoginStep {
    return {
      ...challenge,
      respond: (response, done) =>
        this.#await(request, (answer) => challenge.respond(response, answer), done),
    };
  }
}

/** To the audit log; who it is, when the login told. */
function recordLogin(core: CoreContext, request: LoginRequest, result: LoginVerdict): void {
  const { mechanism, token, remoteAddress, room } = request;
  const base = {
    address: remoteAddress,
    method: token === undefined ? mechanism : 'token',
    ...(room !== undefined && { room }),
  };
  if (result.type === 'refused') {
    const reason = result.text ?? result.condition;
    const { account } = result;
    const tried = account !== undefined && { actor: account };
    core.audit.record({ ...base, ...tried, event: 'login.refused', reason });
    return;
  }
  const { account, user, isAuthenticated } = result.identity;
  const actor = account ?? user?.id ?? user?.name ?? (isAuthenticated ? undefined : 'guest');
  core.audit.record({ ...base, event: 'login.accepted', ...(actor !== undefined && { actor }) });
}
