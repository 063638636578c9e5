import { xml } from '@conclave/protocols/xml';
import { discoInfoToXml, NS } from '@conclave/protocols/xmpp';
import { describe, expect, test } from 'vitest';
import { FeatureDiscovery } from './feature-discovery.ts';
import { FALLBACK_FEATURES } from './features.ts';
import type { IqReply } from './iq-tracker.ts';

/** A discovery whose hash is the features joined, so that tests can make matching ones. */
function setUp() {
  const asked: string[] = [];
  const replies: ((reply: IqReply) => void)[] = [];
  const discovery = new FeatureDiscovery(
    {
      iqs: {
        send: () => {},
        request: (iq, _timeoutMs, onReply) => {
          asked.push(`${iq.to} ${iq.payload.attribute('node')}`);
          replies.push(onReply);
        },
      },
      sha1Base64: (text) => text,
    },
    { focusJid: 'focus@auth/focus', discoveryTimeoutMs: 2_000 },
  );
  const answer = (features: string[]) => {
    const payload = discoInfoToXml({ identities: [], features });
    replies.shift()?.({ type: 'result', payload });
  };
  const ask = (jid: string, ver: string | undefined, hash = 'sha-1') => {
    const found: string[][] = [];
    const caps = xml('c', NS.caps, { hash, node: 'n', ver });
    const presence = xml('presence', NS.client, {}, caps);
    discovery.discover(jid, presence, (features) => found.push([...features]));
    return found;
  };
  return { asked, replies, answer, ask };
}

describe('feature discovery', () => {
  test('asks once per hash', () => {
    const { asked, answer, ask } = setUp();
    const first = ask('a@x/r', 'f<g<');
    answer(['g', 'f']);
    expect(first).toEqual([['g', 'f']]);
    expect(ask('b@x/r', 'f<g<')).toEqual([['g', 'f']]);
    expect(asked).toEqual(['a@x/r n#f<g<']);
  });

  test('an answer that does not match the hash counts for that client only', () => {
    const { asked, answer, ask } = setUp();
    const liar = ask('liar@x/r', 'f<g<');
    answer(['f']);
    expect(liar).toEqual([['f']]);
    const honest = ask('honest@x/r', 'f<g<');
    answer(['f', 'g']);
    expect(honest).toEqual([['f', 'g']]);
    expect(asked).toHaveLength(2);
  });

  test('without capabilities, or with another hash function, everybody is asked', () => {
    const { asked, answer, ask } = setUp();
    ask('a@x/r', undefined);
    ask('b@x/r', 'f<', 'md5');
    answer(['f']);
    answer(['f']);
    expect(asked).toEqual(['a@x/r undefined', 'b@x/r undefined']);
  });

  test.each([
    ['timeout', { type: 'timeout' }],
    ['error', { type: 'error', error: { condition: 'service-unavailable' } }],
    ['an empty result', { type: 'result', payload: undefined }],
    ['no features', { type: 'result', payload: discoInfoToXml({ identities: [], features: [] }) }],
  ] as const)('%s: defaults, not remembered', (_, reply) => {
    const { asked, replies, ask } = setUp();
    const found = ask('a@x/r', 'f<');
    replies[0]?.(reply);
    expect(found).toEqual([[...FALLBACK_FEATURES]]);
    ask('b@x/r', 'f<');
    expect(asked).toHaveLength(2);
  });
});
