/** One person in the list, with a menu of what can be done. */
import type { AvModerationState, BreakoutRoom, Participant } from '@conclave/sdk';
import icon from '../app/icon-button.module.css';
import { Menu, type MenuItem } from '../app/menu.tsx';
import {
  CameraIcon,
  HandIcon,
  MicrophoneIcon,
  ModeratorIcon,
  MoreIcon,
  ScreenIcon,
} from '../icons/icons.tsx';
import { strings } from '../strings/strings.ts';
import { roomName } from './breakout-row.tsx';
import styles from './people.module.css';
import { type PersonAction, personActions, sharesScreen } from './person-actions.ts';

interface PersonRowProps {
  readonly person: Participant;
  readonly name: string;
  /** Left out for ourselves: there is nothing to be done. */
  readonly self?: Participant;
  readonly moderation?: AvModerationState;
  /** Rooms of the meeting in which this person is not. */
  readonly otherRooms?: readonly BreakoutRoom[];
  /** Whether the room has people who look on. */
  readonly hasVisitors?: boolean;
  readonly onAction?: (action: PersonAction) => void;
}

function actionText(action: PersonAction): string {
  const texts = strings.people.actions;
  switch (action.type) {
    case 'mute':
    case 'allow':
    case 'disallow':
      return texts[action.type][action.medium as 'audio' | 'video'];
    case 'sendTo':
      return strings.breakout.sendTo(roomName(action.room));
    default:
      return texts[action.type];
  }
}

function keyOf(action: PersonAction): string {
  if ('medium' in action) return `${action.type}-${action.medium}`;
  return 'room' in action ? action.room.jid : action.type;
}

function stateTexts(person: Participant): string[] {
  return [
    person.isModerator && strings.call.moderator,
    person.raisedHand && strings.call.handRaised,
    sharesScreen(person) && strings.people.sharesScreen,
    person.audioMuted ? strings.call.muted : strings.people.microphoneOn,
    person.videoMuted ? strings.people.cameraOff : strings.people.cameraOn,
  ].filter((text) => typeof text === 'string');
}

export function PersonRow({
  person,
  name,
  self,
  moderation,
  otherRooms = [],
  hasVisitors = false,
  onAction,
}: PersonRowProps) {
  const items: MenuItem[] =
    self === undefined || moderation === undefined
      ? []
      : personActions(person, self, moderation, otherRooms, hasVisitors).map((action) => ({
          key: keyOf(action),
          label: actionText(action),
          danger: action.type === 'kick',
          onSelect: () => onAction?.(action),
        }));
  return (
    <li className={styles.row}>
      <span className={styles.name}>
        <bdi>{name}</bdi>
      </span>
      <span className="visually-hidden">{stateTexts(person).join(', ')}</span>
      <span className={styles.icons}>
        {person.isModerator && <ModeratorIcon />}
        {person.raisedHand && (
          <span className={styles.hand}>
            <HandIcon />
          </span>
        )}
        {sharesScreen(person) && <ScreenIcon />}
        <MicrophoneIcon off={person.audioMuted} />
        <CameraIcon off={person.videoMuted} />
      </span>
      {items.length > 0 && (
        <Menu items={items} label={strings.people.menu(name)} placement="below">
          {({ ref, expanded, onClick }) => (
            <button
              type="button"
              ref={ref}
              className={icon.iconButton}
              aria-label={strings.people.menu(name)}
              aria-haspopup="menu"
              aria-expanded={expanded}
              onClick={onClick}
            >
              <MoreIcon />
            </button>
          )}
        </Menu>
      )}
    </li>
  );
}
