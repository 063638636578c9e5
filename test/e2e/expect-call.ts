/** The claims that stories make about a call, each waited for with a deadline. */
import { FinalError, waitUntil } from '@conclave/testkit';
import { type CallClient, numberOfName, type RemoteParticipant } from './call-client.ts';

/** Why `client` does not see `expected` as it should, or undefined when all is well. */
function complaint(
  remote: readonly RemoteParticipant[],
  expected: readonly number[],
  before: ReadonlyMap<number, number>,
): string | undefined {
  const present = remote.map(({ displayName }) => numberOfName(displayName)).sort();
  if (JSON.stringify(present) !== JSON.stringify([...expected].sort())) {
    return `sees ${JSON.stringify(present)}`;
  }
  for (const { displayName, pictures, tones } of remote) {
    const number = numberOfName(displayName);
    const picture = pictures[0];
    if (pictures.length !== 1 || picture?.number === undefined) {
      return `no readable picture of ${number} (${JSON.stringify(pictures)})`;
    }
    if (picture.number !== number) {
      throw new FinalError(`${number} shows the picture of ${picture.number}`);
    }
    if (picture.counter === before.get(number)) return `the picture of ${number} stands still`;
    if (tones.length === 0) return `nothing heard of ${number}`;
    if (tones.length !== 1 || tones[0] !== number) {
      return `heard ${JSON.stringify(tones)} as the voice of ${number}`;
    }
  }
  return undefined;
}

/**
 * Waits until `client` sees exactly `numbers`, each with the own moving picture and the own tone.
 * A picture under a wrong name fails at once.
 */
export async function expectSeesAndHears(
  client: CallClient,
  numbers: readonly number[],
  timeoutMs = 30_000,
): Promise<void> {
  const before = new Map<number, number>();
  let reason: string | undefined;
  try {
    await waitUntil(
      `${client.number} to see and hear ${numbers.join(', ')}`,
      async () => {
        const remote = await client.readRemote();
        reason = complaint(remote, numbers, before);
        for (const { displayName, pictures } of remote) {
          const counter = pictures[0]?.counter;
          const number = numberOfName(displayName);
          if (number !== undefined && counter !== undefined && !before.has(number)) {
            before.set(number, counter);
            reason ??= 'seen once; not yet moving';
          }
        }
        return reason === undefined;
      },
      { timeoutMs, intervalMs: 100 },
    );
  } catch (error) {
    throw new Error(`participant ${client.number}: ${reason ?? ''} ${String(error)}`, {
      cause: error,
    });
  }
}

/** Everyone sees and hears everyone else. */
export async function expectFullCall(
  clients: readonly CallClient[],
  timeoutMs?: number,
): Promise<void> {
  await Promise.all(
    clients.map((client) => {
      const others = clients.filter((other) => other !== client).map(({ number }) => number);
      return expectSeesAndHears(client, others, timeoutMs);
    }),
  );
}
