/** Visitors who ask to take part, for moderators; and how many look on, for everybody. */
import type { Conference } from '@conclave/sdk';
import panel from '../app/panel-content.module.css';
import { SmallButton } from '../app/small-button.tsx';
import { useStore } from '../app/use-store.ts';
import { strings } from '../strings/strings.ts';
import { Entry } from './entry.tsx';

export function AskingList({ conference }: { readonly conference: Conference }) {
  const { visitors } = conference.features;
  const asking = useStore(visitors.asking);
  const count = useStore(visitors.count);
  const texts = strings.visitors;
  if (count === 0 && asking.length === 0) return null;
  return (
    <section className={panel.section} aria-label={texts.title}>
      <h3 className={panel.subtitle}>{texts.count(count)}</h3>
      {asking.length > 0 && (
        <ul className={panel.list}>
          {asking.map(({ address, displayName }) => {
            const name = displayName || strings.call.guest;
            return (
              <Entry
                key={address}
                name={
                  <>
                    <bdi>{name}</bdi> <span className={panel.quiet}>{texts.asks}</span>
                  </>
                }
                buttons={
                  <>
                    <SmallButton
                      text={texts.doorbell.accept}
                      label={texts.allowName(name)}
                      onClick={() => visitors.answer([address], true)}
                    />
                    <SmallButton
                      text={texts.doorbell.deny}
                      label={texts.denyName(name)}
                      onClick={() => visitors.answer([address], false)}
                    />
                  </>
                }
              />
            );
          })}
        </ul>
      )}
    </section>
  );
}
