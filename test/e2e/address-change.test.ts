/**
 * A person walks from one network to another in the middle of a call: the address changes, and everything on the
 * old one is lost without a word. Signalling resumes, ICE is restarted in place, the call goes on.
 */
import { NetworkNamespace, waitUntil } from '@conclave/testkit';
import { CHROMIUM, ChromiumDriver } from '@conclave/testkit/browser';
import { ConclaveServer } from '@conclave/testkit/server';
import { expect, test } from 'vitest';
import { expectFullCall } from './expect-call.ts';
import { WebClient } from './web-client.ts';

const obstacle = NetworkNamespace.obstacle();
if (obstacle !== undefined) console.warn(`not tested: ${obstacle}`);

test.skipIf(obstacle !== undefined)('the media session survives a new address', async () => {
  const network = NetworkNamespace.create();
  const server = await ConclaveServer.start({ env: { ENABLE_P2P: '0' } });
  const far = await ChromiumDriver.launch({
    executable: network.launcher(CHROMIUM),
    flags: [`--host-resolver-rules=MAP localhost ${network.hostAddress}`],
  });
  const near = await ChromiumDriver.launch();
  try {
    const walker = await WebClient.open(far, server.url, { number: 1 });
    const other = await WebClient.open(near, server.url, { number: 2 });
    for (const client of [walker, other]) await client.join('walk');
    await expectFullCall([walker, other]);
    const { page } = walker.participant;
    const session = await page.evaluateHandle(
      () => window.conclave?.conference?.media.peerConnection as RTCPeerConnection,
    );
    const bridgeName = (connection: RTCPeerConnection) =>
      connection.remoteDescription?.sdp.match(/^a=ice-ufrag:(.*)$/m)?.[1] ?? '';
    const before = await session.evaluate(bridgeName);

    network.changeAddress();
    await waitUntil(
      'ICE to be restarted',
      async () => {
        const now = await session.evaluate(bridgeName);
        return now !== '' && now !== before;
      },
      { timeoutMs: 60_000 },
    );
    await expectFullCall([walker, other]);
    const isSame = await page.evaluate(
      (first) => window.conclave?.conference?.media.peerConnection === first,
      session,
    );
    expect(isSame).toBe(true);
  } finally {
    await far.close();
    await near.close();
    await server.stop();
    network.close();
  }
});
