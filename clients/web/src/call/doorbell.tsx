/** Tells moderators above the tiles that somebody wants to come in. */
import type { Conference, Knocker } from '@conclave/sdk';
import { strings } from '../strings/en.ts';
import { Banner, BannerButton } from './banner.tsx';
import type { CallActions } from './call-actions.ts';

interface DoorbellProps {
  readonly knockers: readonly Knocker[];
  readonly desk: Conference['features']['lobbyDesk'];
  readonly actions: CallActions;
}

export function Doorbell({ knockers, desk, actions }: DoorbellProps) {
  const [first] = knockers;
  const text = () => {
    if (first === undefined) return '';
    if (knockers.length > 1) return strings.people.waitingCount(knockers.length);
    return strings.call.knocks(first.displayName || strings.call.guest);
  };
  return (
    <div role="alert">
      {first !== undefined && (
        <Banner text={text()} kind="news">
          {knockers.length > 1 ? (
            <BannerButton
              text={strings.people.admitAll}
              onClick={() => desk.admit(knockers.map(({ id }) => id))}
            />
          ) : (
            <>
              <BannerButton text={strings.people.admit} onClick={() => desk.admit([first.id])} />
              <BannerButton text={strings.people.deny} onClick={() => actions.deny(first.id)} />
            </>
          )}
        </Banner>
      )}
    </div>
  );
}
