/** Somebody whose DTLS certificate is not the one announced (RFC 5763 §5) gets no media in or out. */
import { waitUntil } from '@conclave/testkit';
import { expect, test } from 'vitest';
import { displayNameOf } from './call-client.ts';
import { expectFullCall } from './expect-call.ts';
import { LjmClient } from './ljm/ljm-client.ts';
import { useStage } from './stage.ts';

const stage = useStage();

test('an impostor is neither seen nor heard, and sees nobody', async () => {
  const config = { p2p: { enabled: false } };
  const open = (number: number) => LjmClient.open(stage.browser, stage.ljmSite, { number, config });
  const honest = [await open(1), await open(2)];
  for (const client of honest) await client.join('papers');
  await expectFullCall(honest);

  const impostor = await open(3);
  await impostor.participant.page.evaluate(() => {
    const { send } = WebSocket.prototype;
    WebSocket.prototype.send = function (data) {
      const text = String(data);
      // The announced fingerprint, every digit of it turned.
      const forged = text.replaceAll(/((?:[0-9A-F]{2}:){31}[0-9A-F]{2})/g, (hash) =>
        hash.replaceAll(/[0-9A-F]/g, (digit) =>
          (15 - Number.parseInt(digit, 16)).toString(16).toUpperCase(),
        ),
      );
      if (forged !== text) Object.assign(window, { hasLied: true });
      send.call(this, forged);
    };
  });
  await impostor.join('papers');
  await waitUntil('the impostor to announce its certificate', () =>
    impostor.participant.page.evaluate(() => 'hasLied' in window),
  );
  await waitUntil(
    'the impostor to be refused',
    () =>
      impostor.participant.page.evaluate(() =>
        window.signedMedia.peerConnections.some(({ connectionState }) =>
          ['failed', 'closed'].includes(connectionState),
        ),
      ),
    { timeoutMs: 40_000 },
  );

  const [witness] = honest as [LjmClient];
  for (const { displayName, pictures, tones } of await witness.readRemote()) {
    if (displayName !== displayNameOf(3)) continue;
    expect(pictures.filter(({ number }) => number !== undefined)).toEqual([]);
    expect(tones).toEqual([]);
  }
  for (const { pictures, tones } of await impostor.readRemote()) {
    expect(pictures.filter(({ number }) => number !== undefined)).toEqual([]);
    expect(tones).toEqual([]);
  }
  await impostor.close();
  await expectFullCall(honest);
});
