/** Jingle that participants send to the focus: what is accepted, what is refused and how. */
import {
  type Jingle,
  type JingleTransport,
  jingleFromXml,
  ownedSourcesOf,
} from '@conclave/protocols/jingle';
import type { XmlElement } from '@conclave/protocols/xml';
import type { StanzaError } from '@conclave/protocols/xmpp';
import type { AvModeration } from './av-moderation.ts';
import type { ConferenceState } from './conference-state.ts';
import { IceRestart } from './ice-restart.ts';
import type { Invitations } from './invitations.ts';
import type { MediaSession, Participant } from './participant.ts';
import { hasScreen, refuseScreen, withoutScreens } from './screen-sharing.ts';
import type { SourceDistribution } from './source-distribution.ts';
import type { SourceChange } from './source-map.ts';

/**
 * Refused with an error; or accepted, and `proceed` is to be called once the result is sent (the
 * client holds back all its changes until then).
 */
export type JingleOutcome =
  | { readonly type: 'refused'; readonly error: StanzaError }
  | { readonly type: 'accepted'; readonly proceed: () => void };

export class JingleRequests {
  readonly #state: ConferenceState;
  readonly #invitations: Invitations;
  readonly #distribution: SourceDistribution;
  readonly #moderation: AvModeration;
  readonly #iceRestart: IceRestart;

  constructor(
    state: ConferenceState,
    parts: {
      readonly invitations: Invitations;
      readonly distribution: SourceDistribution;
      readonly moderation: AvModeration;
    },
  ) {
    this.#state = state;
    this.#invitations = parts.invitations;
    this.#distribution = parts.distribution;
    this.#moderation = parts.moderation;
    this.#iceRestart = new IceRestart(state);
  }

  handle(from: Participant, element: XmlElement): JingleOutcome {
    const result = jingleFromXml(element);
    if (result.type === 'error') return refused('bad-request', result.reason);
    const { jingle } = result;
    const { session } = from;
    if (session === undefined || session.sid !== jingle.sid)
      return this.#wrongSession(from, jingle);
    switch (jingle.action) {
      case 'session-accept':
        return this.#accept(from, session, jingle);
      case 'source-add':
      case 'source-remove':
        if (!from.sourceChangeLimit.tryTake(this.#state.deps.clock.nowMs())) {
          return refused('resource-constraint', 'too many source changes');
        }
        if (jingle.action === 'source-add') return this.#addSources(from, jingle);
        return this.#removeSources(from, jingle);
      case 'session-terminate':
        return this.#terminate(from, session, jingle);
      case 'session-info':
        return this.#info(from, session, jingle);
      case 'transport-info':
        return accepted(() => {
          this.#iceRestart.confirm(from, jingle, (response) =>
            this.#invitations.handleResponse(from, response),
          );
        });
      default:
        return refused('feature-not-implemented', `${jingle.action} is not for the focus`);
    }
  }

  #wrongSession(from: Participant, jingle: Jingle): JingleOutcome {
    if (jingle.action === 'session-initiate') {
      return refused('not-allowed', 'the focus invites, it is not invited');
    }
    if (!from.hasEnded(jingle.sid)) return refused('bad-request', 'unknown session');
    // A client says goodbye to a session that ended at the same time: nothing is wrong.
    if (jingle.action === 'session-terminate' && jingle.bridgeSession?.restart !== true) {
      return accepted(() => {});
    }
    const gone = jingle.action === 'session-accept';
    return refused(gone ? 'gone' : 'item-not-found', 'the session has ended');
  }

  #accept(from: Participant, session: MediaSession, jingle: Jingle): JingleOutcome {
    if (session.state !== 'pending') return refused('unexpected-request', 'already accepted');
    const transport = transportOf(jingle);
    if (transport === undefined || transport.fingerprints.length === 0) {
      return refused('bad-request', 'no transport with credentials and fingerprint');
    }
    // Who looks on receives; what it would send is not taken, without failing the call. The same of screens.
    const change = changeOf(from, jingle);
    const isRefused = hasScreen(change) && this.#refuseScreen(from) !== undefined;
    const refusal =
      from.role === 'visitor'
        ? undefined
        : this.#tryAdd(from, isRefused ? withoutScreens(change) : change);
    // The session stays: it has no media, and the client decides what to do.
    session.state = 'active';
    if (refusal !== undefined) return { type: 'refused', error: refusal };
    return accepted(() => {
      const initialLastN = jingle.contents.find((c) => c.initialLastN !== undefined)?.initialLastN;
      const { ufrag, password, candidates, fingerprints } = transport;
      this.#distribution.publish(
        from,
        {
          transport: { ufrag, password, candidates, fingerprints },
          ...(initialLastN !== undefined && { initialLastN }),
        },
        (response) => this.#invitations.handleResponse(from, response),
      );
      this.#distribution.flush(from);
    });
  }

  #addSources(from: Participant, jingle: Jingle): JingleOutcome {
    const refusal = this.#tryAdd(from, changeOf(from, jingle));
    if (refusal !== undefined) return { type: 'refused', error: refusal };
    return this.#publishAfterwards(from);
  }

  #removeSources(from: Participant, jingle: Jingle): JingleOutcome {
    const refusal = this.#state.sources.tryRemove(from.endpointId, changeOf(from, jingle));
    if (refusal !== undefined) return { type: 'refused', error: refusal };
    return this.#publishAfterwards(from);
  }

  #publishAfterwards(from: Participant): JingleOutcome {
    return accepted(() => {
      this.#distribution.publish(from, {}, (response) =>
        this.#invitations.handleResponse(from, response),
      );
    });
  }

  #tryAdd(from: Participant, change: SourceChange): StanzaError | undefined {
    if (from.role === 'visitor' && change.sources.length > 0) {
      return { condition: 'forbidden', text: 'visitors do not send media' };
    }
    const refusal = hasScreen(change) ? this.#refuseScreen(from) : undefined;
    return refusal ?? this.#state.sources.tryAdd(from.endpointId, change);
  }

  #refuseScreen(from: Participant): StanzaError | undefined {
    return refuseScreen(from, this.#moderation, this.#state.options.mayShareScreen);
  }

  #terminate(from: Participant, session: MediaSession, jingle: Jingle): JingleOutcome {
    const { bridgeSession, reason } = jingle;
    this.#state.deps.logger.info('session.terminated-by-client', {
      endpoint: from.endpointId,
      condition: reason?.condition,
      text: reason?.text,
      restart: bridgeSession?.restart === true,
    });
    if (bridgeSession?.restart !== true) {
      return accepted(() => {
        from.inviteAfterMs = Number.POSITIVE_INFINITY;
        this.#invitations.forget(from);
      });
    }
    return this.#restart(from, session, bridgeSession.id, false);
  }

  #info(from: Participant, session: MediaSession, jingle: Jingle): JingleOutcome {
    const { bridgeSession, iceState } = jingle;
    if (bridgeSession?.iceRestart === true) {
      if (bridgeSession.id !== session.bridgeSessionId) {
        return refused('item-not-found', 'not the present bridge session');
      }
      if (!from.restartLimit.tryTake(this.#state.deps.clock.nowMs())) {
        return refused('resource-constraint', 'too many restarts');
      }
      return accepted(() => {
        this.#iceRestart.begin(from, (response) =>
          this.#invitations.handleResponse(from, response),
        );
      });
    }
    if (iceState === 'failed') {
      // COMPAT: clients before 2022, which do not end the session themselves.
      return this.#restart(from, session, bridgeSession?.id ?? session.bridgeSessionId, true);
    }
    return accepted(() => {});
  }

  #restart(
    from: Participant,
    session: MediaSession,
    bridgeSessionId: string,
    tellClient: boolean,
  ): JingleOutcome {
    if (bridgeSessionId !== session.bridgeSessionId) {
      return refused('item-not-found', 'not the present bridge session');
    }
    if (!from.restartLimit.tryTake(this.#state.deps.clock.nowMs())) {
      return refused('resource-constraint', 'too many restarts');
    }
    return accepted(() => {
      if (tellClient) this.#invitations.terminate(from, { condition: 'success', text: 'moving' });
      else this.#invitations.forget(from);
      if (this.#state.hasEnoughParticipants) this.#invitations.invite(from);
    });
  }
}

/** A client signals its own sources only; whoever it names as owner is not looked at. */
function changeOf(from: Participant, jingle: Jingle): SourceChange {
  const owned = ownedSourcesOf(jingle, from.endpointId);
  return {
    sources: owned.flatMap(({ sources }) => sources),
    groups: owned.flatMap(({ groups }) => groups),
  };
}

/** All contents are bundled and carry copies of one transport. */
function transportOf(jingle: Jingle): JingleTransport | undefined {
  return jingle.contents.find(({ transport }) => transport !== undefined)?.transport;
}

function accepted(proceed: () => void): JingleOutcome {
  return { type: 'accepted', proceed };
}

function refused(condition: StanzaError['condition'], text: string): JingleOutcome {
  return { type: 'refused', error: { condition, text } };
}
