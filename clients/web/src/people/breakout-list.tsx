/** The rooms of a meeting that was divided: who is where, and the way there; for moderators, making and closing them. */
import type { BreakoutRoom, Conference } from '@conclave/sdk';
import { useStore } from '../app/use-store.ts';
import { strings } from '../strings/en.ts';
import { distribute } from './distribute.ts';
import styles from './people.module.css';

export function roomName({ isMain, name }: BreakoutRoom): string {
  return isMain ? strings.breakout.mainRoom : name;
}

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
    <section className={styles.section} aria-label={texts.title}>
      <h3 className={styles.subtitle}>{texts.title}</h3>
      {groups.length > 0 && (
        <ul className={styles.list}>
          {rooms.map((room) => (
            <li key={room.jid} className={styles.knocker}>
              <span className={styles.name}>
                <strong>{roomName(room)}</strong>
                <br />
                <span className={styles.quiet}>
                  {room.people
                    .map((person) => person.displayName || strings.call.guest)
                    .join(', ') || texts.nobody}
                </span>
              </span>
              <span className={styles.decision}>
                {room.people.some(({ id }) => id === self.id) ? (
                  <span className={styles.quiet}>{texts.here}</span>
                ) : (
                  <button
                    type="button"
                    className={styles.small}
                    aria-label={texts.goTo(roomName(room))}
                    onClick={() => onMove(room.isMain ? undefined : room.jid)}
                  >
                    {texts.go}
                  </button>
                )}
                {self.isModerator && !room.isMain && (
                  <button
                    type="button"
                    className={styles.small}
                    aria-label={texts.closeRoom(room.name)}
                    onClick={() => breakoutRooms.remove(room.jid)}
                  >
                    {texts.close}
                  </button>
                )}
              </span>
            </li>
          ))}
        </ul>
      )}
      {self.isModerator && (
        <div className={styles.decision}>
          <button
            type="button"
            className={styles.small}
            onClick={() => breakoutRooms.add(texts.newName(groups.length + 1))}
          >
            {texts.add}
          </button>
          {groups.length > 0 && (
            <button
              type="button"
              className={styles.small}
              onClick={() => {
                for (const { person, room } of distribute(rooms, self.id)) {
                  breakoutRooms.send(person.jid, room.jid);
                }
              }}
            >
              {texts.assign}
            </button>
          )}
        </div>
      )}
    </section>
  );
}
