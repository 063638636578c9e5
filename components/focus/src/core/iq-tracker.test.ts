import { type XmlElement, xml } from '@conclave/protocols/xml';
import { NS, stanzaErrorToXml } from '@conclave/protocols/xmpp';
import { describe, expect, test } from 'vitest';
import { ManualTime } from '../scenarios/manual-time.ts';
import { IqTracker } from './iq-tracker.ts';

function setUp() {
  const time = new ManualTime();
  const sent: XmlElement[] = [];
  let byte = 0;
  const tracker = new IqTracker({
    timers: time,
    random: { bytes: (length) => new Uint8Array(length).fill(byte++) },
    send: (stanza) => sent.push(stanza),
  });
  const replies: string[] = [];
  const request = (to: string) =>
    tracker.request({ type: 'set', from: 'f', to, payload: xml('q', 'urn:x') }, 1_000, (reply) =>
      replies.push(reply.type === 'error' ? reply.error.condition : reply.type),
    );
  const reply = (index: number, from: string, type = 'result', child?: XmlElement) =>
    tracker.handleReply(
      xml('iq', NS.client, { type, from, id: sent[index]?.attribute('id') }, child),
    );
  return { time, sent, replies, request, reply, tracker };
}

describe('IqTracker', () => {
  test('takes the reply of whom it asked, once', () => {
    const { time, replies, request, reply } = setUp();
    request('Room@muc.example/a');
    expect(reply(0, 'room@muc.example/b')).toBe(false);
    expect(reply(0, 'room@muc.example/a')).toBe(true);
    expect(reply(0, 'room@muc.example/a')).toBe(false);
    time.advance(10_000);
    expect(replies).toEqual(['result']);
  });

  test('reports errors and timeouts', () => {
    const { time, replies, request, reply } = setUp();
    request('a@x');
    request('b@x');
    reply(0, 'a@x', 'error', stanzaErrorToXml({ condition: 'forbidden' }));
    time.advance(1_000);
    expect(replies).toEqual(['forbidden', 'timeout']);
    expect(reply(1, 'b@x')).toBe(false);
  });

  test('forgets everything when closed', () => {
    const { time, replies, request, reply, tracker } = setUp();
    request('a@x');
    tracker.close();
    expect(reply(0, 'a@x')).toBe(false);
    time.advance(10_000);
    expect(replies).toEqual([]);
    expect(time.timerCount).toBe(0);
  });
});
