/** Those who wait outside, and visitors who ask to take part. */
import type { Conference } from '@conclave/sdk';
import { useStore } from '../app/use-store.ts';
import { strings } from '../strings/strings.ts';
import type { CallActions } from './call-actions.ts';
import { Doorbell } from './doorbell.tsx';

interface DoorbellsProps {
  readonly conference: Conference;
  readonly actions: CallActions;
}

const nameOf = (name: string) => name || strings.call.guest;

export function Doorbells({ conference, actions }: DoorbellsProps) {
  const { lobbyDesk, visitors } = conference.features;
  const knockers = useStore(lobbyDesk.knockers);
  const asking = useStore(visitors.asking);
  return (
    <>
      <Doorbell
        asking={knockers.map(({ id, displayName }) => ({ id, name: nameOf(displayName) }))}
        texts={{
          one: strings.call.knocks,
          many: strings.people.waitingCount,
          accept: strings.people.admit,
          acceptAll: strings.people.admitAll,
          deny: strings.people.deny,
        }}
        onAccept={(ids) => lobbyDesk.admit(ids)}
        onDeny={(id) => actions.deny(id)}
      />
      <Doorbell
        asking={asking.map(({ address, displayName }) => ({
          id: address,
          name: nameOf(displayName),
        }))}
        texts={strings.visitors.doorbell}
        onAccept={(addresses) => visitors.answer(addresses, true)}
        onDeny={(address) => visitors.answer([address], false)}
      />
    </>
  );
}
