import { type XmlElement, xml } from '@conclave/protocols/xml';
import { describe, expect, test } from 'vitest';
import { participantFromPresence } from './participant.ts';

const child = (name: string, text: string) => xml(name, 'jabber:client', {}, text);
const presence = (...children: XmlElement[]) => xml('presence', 'jabber:client', {}, ...children);
const read = (...children: XmlElement[]) => participantFromPresence('a', presence(...children));

describe('participantFromPresence', () => {
  test('says nothing: no name, muted, no sources', () => {
    expect(read()).toEqual({
      id: 'a',
      jid: undefined,
      displayName: '',
      isModerator: false,
      isVisitor: false,
      sources: [],
      audioMuted: true,
      videoMuted: true,
      raisedHand: false,
      handRaisedMs: 0,
    });
  });

  test('reads SourceInfo', () => {
    const info = {
      'a-a0': { muted: false },
      'a-v0': { muted: true },
      'a-v1': { muted: false, videoType: 'desktop' },
    };
    const participant = read(child('SourceInfo', JSON.stringify(info)));
    expect(participant).toMatchObject({ audioMuted: false, videoMuted: true });
    expect(participant.sources).toContainEqual({
      name: 'a-v1',
      type: 'video',
      muted: false,
      videoType: 'desktop',
    });
  });

  test('SourceInfo cannot speak for others', () => {
    const info = { 'b-a0': { muted: false }, 'a-x0': {}, 'a-a': {}, 'a-a0x': {}, 'aa-a0': {} };
    expect(read(child('SourceInfo', JSON.stringify(info))).sources).toEqual([]);
  });

  test.each(['', '{', 'null', '[]', '5', '"x"', '{"a-a0":5}', 'x'.repeat(9000)])(
    'nonsense in SourceInfo (%j) is no source',
    (text) => {
      expect(read(child('SourceInfo', text.slice(0, 9000))).sources).toEqual([]);
    },
  );

  test('holds no more than twenty sources', () => {
    const info = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`a-v${i}`, {}]));
    expect(read(child('SourceInfo', JSON.stringify(info))).sources).toHaveLength(20);
  });

  test('understands clients without SourceInfo', () => {
    const participant = read(child('audiomuted', 'true'), child('videomuted', 'false'));
    expect(participant).toMatchObject({ audioMuted: true, videoMuted: false });
  });

  test('a shared screen of an old client is not its camera', () => {
    const participant = read(child('videomuted', 'false'), child('videoType', 'desktop'));
    expect(participant.videoMuted).toBe(true);
    expect(participant.sources[0]?.videoType).toBe('desktop');
  });

  test('a name has a limit', () => {
    const nick = xml('nick', 'http://jabber.org/protocol/nick', {}, ` ${'n'.repeat(500)}`);
    expect(read(nick).displayName).toHaveLength(200);
  });

  test.each([
    ['', false],
    ['1789000000000', true],
  ])('a raised hand of %j is %j', (text, expected) => {
    expect(read(child('jitsi_participant_raisedHand', text)).raisedHand).toBe(expected);
  });
});
