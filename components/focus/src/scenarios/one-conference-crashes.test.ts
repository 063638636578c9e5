import { silentLogger } from '@conclave/base';
import { xml } from '@conclave/protocols/xml';
import { iqRequest, mucUserToXml, NS } from '@conclave/protocols/xmpp';
import { describe, expect, test } from 'vitest';
import { FocusCore } from '../core/focus-core.ts';
import { DEFAULT_FOCUS_OPTIONS } from '../options.ts';
import { ManualTime } from './manual-time.ts';

describe('an exception in one conference', () => {
  test.each([
    ['once', ['conference.crashed']],
    ['again when it ends', ['conference.crashed', 'conference.crashed.again']],
  ])('%s: it ends, the others go on, and it can be asked for again', (when, logged) => {
    const time = new ManualTime();
    const sent: string[] = [];
    const errors: string[] = [];
    const logger = {
      ...silentLogger,
      error: (event: string) => errors.push(event),
      child: () => logger,
    };
    const core: FocusCore = new FocusCore(
      {
        clock: time,
        timers: time,
        random: { bytes: (length) => new Uint8Array(length) },
        logger,
        send: (stanza) => sent.push(stanza.toString()),
        bridgeLink: {
          request: (_bridgeId, { name, expire }) => {
            const isEnd = expire === true && when !== 'once';
            if (name?.startsWith('bad@') || isEnd) throw new Error('a bug');
          },
        },
        bridges: () => [{ id: 'jvb', isOperational: true, stress: 0 }],
        sha1Base64: () => '',
      },
      DEFAULT_FOCUS_OPTIONS,
    );
    const presence = (room: string, nick: string) => {
      const jid = `${nick}@meet.jitsi/r`;
      const item = { affiliation: 'none', role: 'participant', jid } as const;
      const from = `${room}@muc.meet.jitsi/${nick}`;
      core.handleStanza(
        xml('presence', NS.client, { from }, mucUserToXml({ item, statusCodes: [] })),
      );
    };
    const begin = (room: string) => {
      const conference = xml('conference', NS.focus, { room: `${room}@muc.meet.jitsi` });
      const addresses = { id: 'x', from: 'a@meet.jitsi/r', to: 'focus.meet.jitsi' };
      core.handleStanza(iqRequest({ type: 'set', ...addresses }, conference));
      presence(room, 'focus');
      presence(room, 'aaaa1111');
      presence(room, 'bbbb2222');
    };
    begin('good');
    begin('bad');
    expect(core.stats().conferences).toBe(2);
    sent.length = 0;
    // Nobody answers discovery: invitations go out with the defaults, from a timer.
    time.advance(2_000);
    expect(errors).toEqual(logged);
    expect(core.stats()).toEqual({ conferences: 1, participants: 2 });
    expect(sent.filter((text) => text.includes('unavailable'))).toEqual([
      expect.stringContaining('bad@muc.meet.jitsi/focus'),
    ]);
    begin('bad');
    expect(core.stats().conferences).toBe(2);
  });
});
