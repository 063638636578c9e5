/** The rooms of a meeting that was divided: who is where, and the way there; for moderators, making and closing them. */
import type { Conference } from '@conclave/sdk';
import panel from '../app/panel-content.module.css';
import { SmallButton } from '../app/small-button.tsx';
import { useStore } from '../app/use-store.ts';
import { strings } from '../strings/strings.ts';
import { BreakoutRow } from './breakout-row.tsx';
import { distribute } from './distribute.ts';

interface BreakoutListProps {
  readonly conference: Conference;
  /** Undefined for the main room. */
  readonly onMove: (breakoutJid: string | undefined) => void;
}

export function BreakoutList({ conference, onMove }: BreakoutListProps) {
  const { breakoutRooms } = conference.features;
  const rooms = useStore(breakoutRooms.rooms);
  const self = useStore(conference.self);
  const texts = strings.breakout;
  if (!breakoutRooms.isAvailable || (rooms.length < 2 && !self.isModerator)) return null;
  const groups = rooms.filter(({ isMain }) => !isMain);
  return (
    <section className={panel.section} aria-label={texts.title}>
      <h3 className={panel.subtitle}>{texts.title}</h3>
      {groups.length > 0 && (
        <ul className={panel.list}>
          {rooms.map((room) => (
            <BreakoutRow
              key={room.jid}
              room={room}
              isHere={room.people.some(({ id }) => id === self.id)}
              mayChange={self.isModerator && !room.isMain}
              onGo={() => onMove(room.isMain ? undefined : room.jid)}
              onRename={(name) => breakoutRooms.rename(room.jid, name)}
              onClose={() => breakoutRooms.remove(room.jid)}
            />
          ))}
        </ul>
      )}
      {self.isModerator && (
        <div className={panel.buttons}>
          <SmallButton
            text={texts.add}
            onClick={() => breakoutRooms.add(texts.newName(groups.length + 1))}
          />
          {groups.length > 0 && (
            <SmallButton
              text={texts.assign}
              onClick={() => {
                for (const { person, room } of distribute(rooms, self.id)) {
                  breakoutRooms.send(person.jid, room.jid);
                }
              }}
            />
          )}
          {groups.length > 1 && (
            <SmallButton
              text={texts.closeAll}
              onClick={() => {
                for (const { jid } of groups) breakoutRooms.remove(jid);
              }}
            />
          )}
        </div>
      )}
    </section>
  );
}
