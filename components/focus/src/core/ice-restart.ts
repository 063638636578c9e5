/**
 * In-place ICE restart of a bridge session: a client whose network changed asks for new ICE credentials; the bridge's
 * go to it in a `transport-info`, and its own come back the same way, both marked with the round (`ice-generation`).
 * DTLS, SRTP and sources stay. Whoever does not get the connection back asks for a new session instead.
 */
import type { ColibriResponse } from '@conclave/protocols/colibri';
import type { Jingle } from '@conclave/protocols/jingle';
import type { ConferenceState } from './conference-state.ts';
import type { Participant } from './participant.ts';

export class IceRestart {
  readonly #state: ConferenceState;

  constructor(state: ConferenceState) {
    this.#state = state;
  }

  /** Asks the bridge for new credentials and sends them to the client. */
  begin(participant: Participant, onFailure: (response: ColibriResponse) => void): void {
    const { bridges, deps } = this.#state;
    const { endpointId, session } = participant;
    bridges.modifyEndpoint({ id: endpointId, iceRestart: true }, (response) => {
      if (session === undefined || participant.session !== session) return;
      if (response.type === 'error') {
        onFailure(response);
        return;
      }
      const transport = response.result.endpoints.find(({ id }) => id === endpointId)?.transport;
      if (transport?.iceGeneration === undefined) {
        deps.logger.warn('session.ice-restart.no-transport', { endpoint: endpointId });
        return;
      }
      this.#state.sendJingle(participant, {
        action: 'transport-info',
        sid: session.sid,
        initiator: this.#state.options.focusJid,
        contents: [{ name: 'audio', creator: 'initiator', transport }],
        bundle: [],
      });
    });
  }

  /** The client's new credentials, for the bridge. Anything else a client says of its transport is of no use. */
  confirm(
    participant: Participant,
    jingle: Jingle,
    onFailure: (response: ColibriResponse) => void,
  ): void {
    const transport = jingle.contents.find(
      (content) => (content.transport?.iceGeneration ?? 0) > 0,
    )?.transport;
    // Candidates that clients trickle towards the bridge are not needed: it learns addresses from checks.
    if (transport === undefined) return;
    const { ufrag, password, candidates, fingerprints, iceGeneration = 0 } = transport;
    const change = { ufrag, password, candidates, fingerprints, iceGeneration };
    this.#state.bridges.modifyEndpoint(
      { id: participant.endpointId, transport: change },
      onFailure,
    );
  }
}
