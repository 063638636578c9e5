/** Logins under way: at the pace their address may have, each step answered once and in time, and only so many of them. */
import type { Authenticate, LoginRequest, LoginStep, LoginVerdict } from './authenticator.ts';
import type { CoreContext } from './context.ts';
import { ANONYMOUS } from './identity.ts';
import { LoginPace } from './login-pace.ts';

const UNAVAILABLE: LoginVerdict = { type: 'refused', condition: 'temporary-auth-failure' };

export class LoginGate {
  readonly #core: CoreContext;
  readonly #authenticate: Authenticate | undefined;
  readonly #pace: LoginPace;

  /** Without `authenticate` everybody may in. */
  constructor(core: CoreContext, authenticate: Authenticate | undefined) {
    this.#core = core;
    this.#authenticate = authenticate;
    this.#pace = new LoginPace(core);
  }

  logIn(request: LoginRequest, done: (step: LoginStep) => void): void {
    const waitMs = this.#pace.waitMs(request.remoteAddress);
    if (waitMs === 0) this.#begin(request, done);
    else if (waitMs === undefined) this.#refuse(request, done);
    else {
      const { deadlines, nowMs, metrics } = this.#core;
      metrics.loginsDelayed++;
      deadlines.at(nowMs + waitMs, () => this.#begin(request, done));
    }
  }

  #begin(request: LoginRequest, done: (step: LoginStep) => void): void {
    const authenticate = this.#authenticate;
    if (authenticate === undefined) done({ type: 'accepted', identity: ANONYMOUS });
    else this.#await(request, (answer) => authenticate(request, answer), done);
  }

  #refuse(request: LoginRequest, done: (step: LoginStep) => void): void {
    this.#core.metrics.loginsRefused++;
    recordLogin(this.#core, request, UNAVAILABLE);
    done(UNAVAILABLE);
  }

  #await(
    request: LoginRequest,
    ask: (answer: (step: LoginStep) => void) => void,
    done: (step: LoginStep) => void,
  ): void {
    const { metrics, options, deadlines, nowMs } = this.#core;
    if (metrics.pendingLogins >= options.limits.maxPendingLogins) {
      this.#refuse(request, done);
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
