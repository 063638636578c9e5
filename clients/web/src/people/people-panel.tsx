/** Who is here and who waits outside; for moderators, what can be done about it. */
import type { Conference, Participant } from '@conclave/sdk';
import panel from '../app/panel-content.module.css';
import screen from '../app/screen.module.css';
import { SidePanel } from '../app/side-panel.tsx';
import { SmallButton } from '../app/small-button.tsx';
import { useFirstFocus } from '../app/use-first-focus.ts';
import { useStore } from '../app/use-store.ts';
import { CopyLinkButton } from '../call/copy-link-button.tsx';
import { displayNameOf } from '../call/tile-model.ts';
import { strings } from '../strings/strings.ts';
import { AskingList } from './asking-list.tsx';
import { BreakoutList } from './breakout-list.tsx';
import { KnockerRow } from './knocker-row.tsx';
import { inTurn, type PersonAction } from './person-actions.ts';
import { PersonRow } from './person-row.tsx';

interface PeoplePanelProps {
  readonly conference: Conference;
  readonly onAction: (person: Participant, action: PersonAction) => void;
  readonly onDeny: (id: string) => void;
  /** To another room of the meeting; undefined for the main room. */
  readonly onMove: (breakoutJid: string | undefined) => void;
  readonly onMuteAll: (medium: 'audio' | 'video') => void;
  readonly onClose: () => void;
}

export function PeoplePanel(props: PeoplePanelProps) {
  const { conference, onAction, onDeny, onMove, onMuteAll, onClose } = props;
  const rooms = useStore(conference.features.breakoutRooms.rooms);
  const self = useStore(conference.self);
  const others = useStore(conference.participants);
  const moderation = useStore(conference.features.avModeration.state);
  const knockers = useStore(conference.features.lobbyDesk.knockers);
  const desk = conference.features.lobbyDesk;
  const list = useFirstFocus<HTMLDivElement>();
  const texts = strings.people;

  return (
    <SidePanel title={texts.title} closeLabel={texts.close} onClose={onClose}>
      <div className={panel.scroll} ref={list} tabIndex={-1}>
        {knockers.length > 0 && (
          <section className={panel.section} aria-label={texts.waiting}>
            <div className={panel.heading}>
              <h3 className={panel.subtitle}>{texts.waitingCount(knockers.length)}</h3>
              {knockers.length > 1 && (
                <SmallButton
                  text={texts.admitAll}
                  onClick={() => desk.admit(knockers.map(({ id }) => id))}
                />
              )}
            </div>
            <ul className={panel.list}>
              {knockers.map((knocker) => (
                <KnockerRow
                  key={knocker.id}
                  knocker={knocker}
                  onAdmit={() => desk.admit([knocker.id])}
                  onDeny={() => onDeny(knocker.id)}
                  onAnswer={(text) => desk.answer(knocker.id, text)}
                />
              ))}
            </ul>
          </section>
        )}
        <section className={panel.section} aria-label={texts.inMeeting}>
          <div className={panel.heading}>
            <h3 className={panel.subtitle}>
              {texts.count(others.length + (self.isVisitor ? 0 : 1))}
            </h3>
            <CopyLinkButton className={panel.small} />
          </div>
          <ul className={panel.list}>
            {!self.isVisitor && (
              <PersonRow person={self} name={strings.call.youNamed(displayNameOf(self))} />
            )}
            {inTurn(others).map((person) => (
              <PersonRow
                key={person.id}
                person={person}
                name={displayNameOf(person)}
                self={self}
                hasVisitors={conference.features.visitors.isAvailable}
                moderation={moderation}
                otherRooms={rooms.filter(
                  ({ people }) => !people.some(({ id }) => id === person.id),
                )}
                onAction={(action) => onAction(person, action)}
              />
            ))}
          </ul>
        </section>
        <AskingList conference={conference} />
        <BreakoutList conference={conference} onMove={onMove} />
      </div>
      {self.isModerator && others.length > 0 && (
        <div className={panel.footer}>
          <button type="button" className={screen.secondary} onClick={() => onMuteAll('audio')}>
            {texts.muteAll}
          </button>
          <button type="button" className={screen.secondary} onClick={() => onMuteAll('video')}>
            {texts.camerasOff}
          </button>
        </div>
      )}
    </SidePanel>
  );
}
