import type { ColibriResponse, ConferenceModify } from '@conclave/protocols/colibri';
import { describe, expect, test } from 'vitest';
import { BridgeSession } from './bridge-session.ts';

function setUp() {
  const requests: ConferenceModify[] = [];
  const answers: ((response: ColibriResponse) => void)[] = [];
  const session = new BridgeSession(
    {
      request: (_bridgeId, message, onResponse) => {
        requests.push(message);
        answers.push(onResponse);
      },
    },
    'jvb',
    'room@muc',
    'meeting',
  );
  const responses: string[] = [];
  const note = (name: string) => (response: ColibriResponse) =>
    responses.push(`${name} ${response.type}`);
  return { session, requests, answers, responses, note };
}

const feedbackSources = { audioSsrc: 1, videoSsrc: 2 };
const created: ColibriResponse = { type: 'modified', result: { endpoints: [], feedbackSources } };
const failed: ColibriResponse = { type: 'error', reason: 'timeout', text: '' };

describe('BridgeSession', () => {
  test('what comes while the conference is created waits, and keeps its order', () => {
    const { session, requests, answers, note } = setUp();
    session.createEndpoint({ id: 'a' }, note('a'));
    session.createEndpoint({ id: 'b' }, note('b'));
    session.modifyEndpoint({ id: 'a', sources: [] }, note('a2'));
    session.expireEndpoint('b');
    expect(requests).toEqual([
      {
        meetingId: 'meeting',
        name: 'room@muc',
        create: true,
        endpoints: [{ id: 'a', create: true }],
      },
    ]);
    answers[0]?.(created);
    expect(requests.slice(1).map(({ endpoints }) => endpoints)).toEqual([
      [{ id: 'b', create: true }],
      [{ id: 'a', sources: [] }],
      [{ id: 'b', expire: true }],
    ]);
    expect(session.feedbackSources).toEqual(feedbackSources);
  });

  test('when the creation fails everybody who waits is told, and it can be tried again', () => {
    const { session, requests, answers, responses, note } = setUp();
    session.createEndpoint({ id: 'a' }, note('a'));
    session.createEndpoint({ id: 'b' }, note('b'));
    answers[0]?.(failed);
    expect(responses).toEqual(['a error', 'b error']);
    session.createEndpoint({ id: 'b' }, note('b'));
    expect(requests[1]).toMatchObject({ create: true, endpoints: [{ id: 'b' }] });
  });

  test('ends with its last endpoint; nothing is sent or reported afterwards', () => {
    const { session, requests, answers, responses, note } = setUp();
    session.createEndpoint({ id: 'a' }, note('a'));
    session.expireEndpoint('a');
    expect(session.hasEnded).toBe(true);
    expect(requests[1]).toEqual({ meetingId: 'meeting', expire: true });
    answers[0]?.(created);
    session.modifyEndpoint({ id: 'a' }, note('a'));
    session.createEndpoint({ id: 'a' }, note('a'));
    expect(requests).toHaveLength(2);
    expect(responses).toEqual([]);
  });

  test('an endpoint that was never created is neither changed nor expired', () => {
    const { session, requests, note } = setUp();
    session.modifyEndpoint({ id: 'x' }, note('x'));
    session.expireEndpoint('x');
    expect(requests).toEqual([]);
    session.expire();
    expect(requests).toEqual([]);
  });
});
