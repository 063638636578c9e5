/** The row of buttons under the call; on narrow screens what is used less often is in the menu. */
import { REACTIONS, type Reaction } from '@conclave/sdk';
import type { Ref } from 'react';
import { Menu, type MenuItem } from '../app/menu.tsx';
import { useMediaQuery } from '../app/use-media-query.ts';
import {
  CameraIcon,
  ChatIcon,
  HandIcon,
  LeaveIcon,
  MicrophoneIcon,
  MoreIcon,
  PeopleIcon,
  ScreenIcon,
  SmileIcon,
} from '../icons/icons.tsx';
import { strings } from '../strings/en.ts';
import { ControlButton } from './control-button.tsx';
import type { ShortcutAction } from './shortcuts.ts';
import styles from './toolbar.module.css';

export type ToolbarAction =
  | ShortcutAction
  | 'settings'
  | 'security'
  | 'endForAll'
  | 'logOut'
  | 'leave';

interface ToolbarProps {
  readonly audioMuted: boolean;
  readonly videoMuted: boolean;
  readonly handRaised: boolean;
  readonly sharesScreen: boolean;
  readonly canShareScreen: boolean;
  readonly isModerator: boolean;
  readonly canEndForAll: boolean;
  readonly isLoggedIn: boolean;
  readonly panel: 'chat' | 'people' | undefined;
  readonly unread: number;
  /** People in the lobby. */
  readonly waiting: number;
  readonly chatButton: Ref<HTMLButtonElement>;
  readonly peopleButton: Ref<HTMLButtonElement>;
  readonly onReact: (reaction: Reaction) => void;
  readonly onAction: (action: ToolbarAction) => void;
}

/** Below this not all buttons fit into one row. */
const NARROW = '(max-width: 34rem)';

export function Toolbar(props: ToolbarProps) {
  const { audioMuted, videoMuted, handRaised, sharesScreen, panel, onAction } = props;
  const texts = strings.toolbar;
  const narrow = useMediaQuery(NARROW);
  return (
    <footer>
      <div className={styles.toolbar} role="toolbar" aria-label={texts.label}>
        <ControlButton
          label={texts.microphone}
          hint={audioMuted ? texts.unmute : texts.mute}
          shortcut="M"
          pressed={!audioMuted}
          off={audioMuted}
          onClick={() => onAction('microphone')}
        >
          <MicrophoneIcon off={audioMuted} />
        </ControlButton>
        <ControlButton
          label={texts.camera}
          hint={videoMuted ? texts.cameraOn : texts.cameraOff}
          shortcut="V"
          pressed={!videoMuted}
          off={videoMuted}
          onClick={() => onAction('camera')}
        >
          <CameraIcon off={videoMuted} />
        </ControlButton>
        {props.canShareScreen && !narrow && (
          <ControlButton
            label={texts.screen}
            hint={sharesScreen ? texts.stopSharing : texts.shareScreen}
            shortcut="S"
            pressed={sharesScreen}
            onClick={() => onAction('screen')}
          >
            <ScreenIcon off={sharesScreen} />
          </ControlButton>
        )}
        <ControlButton
          ref={props.chatButton}
          label={texts.chat}
          hint={panel === 'chat' ? texts.closeChat : texts.openChat}
          shortcut="C"
          pressed={panel === 'chat'}
          badge={props.unread}
          badgeLabel={texts.unread(props.unread)}
          onClick={() => onAction('chat')}
        >
          <ChatIcon />
        </ControlButton>
        <ControlButton
          ref={props.peopleButton}
          label={texts.people}
          hint={panel === 'people' ? texts.closePeople : texts.openPeople}
          shortcut="P"
          pressed={panel === 'people'}
          badge={props.waiting}
          badgeLabel={texts.waiting(props.waiting)}
          onClick={() => onAction('people')}
        >
          <PeopleIcon />
        </ControlButton>
        {!narrow && (
          <ControlButton
            label={texts.hand}
            hint={handRaised ? texts.lowerHand : texts.raiseHand}
            shortcut="R"
            pressed={handRaised}
            onClick={() => onAction('hand')}
          >
            <HandIcon />
          </ControlButton>
        )}
        {!narrow && (
          <Menu items={reactionItems(props)} label={texts.react} placement="above">
            {({ ref, expanded, onClick }) => (
              <ControlButton
                ref={ref}
                label={texts.react}
                hint={texts.reactHint}
                expanded={expanded}
                onClick={onClick}
              >
                <SmileIcon />
              </ControlButton>
            )}
          </Menu>
        )}
        <Menu items={moreItems(props, narrow)} label={texts.more} placement="above">
          {({ ref, expanded, onClick }) => (
            <ControlButton
              ref={ref}
              label={texts.more}
              hint={texts.more}
              expanded={expanded}
              onClick={onClick}
            >
              <MoreIcon />
            </ControlButton>
          )}
        </Menu>
        <ControlButton
          label={texts.leave}
          hint={texts.leaveCall}
          danger
          onClick={() => onAction('leave')}
        >
          <LeaveIcon />
        </ControlButton>
      </div>
    </footer>
  );
}

function reactionItems({ onReact }: ToolbarProps): MenuItem[] {
  return (Object.keys(REACTIONS) as Reaction[]).map((reaction) => ({
    key: reaction,
    label: `${REACTIONS[reaction]} ${strings.call.reactions[reaction]}`,
    onSelect: () => onReact(reaction),
  }));
}

function moreItems(props: ToolbarProps, narrow: boolean): MenuItem[] {
  const { canShareScreen, sharesScreen, handRaised, isModerator, canEndForAll, onAction } = props;
  const texts = strings.toolbar;
  const item = (key: ToolbarAction, label: string, danger = false): MenuItem => ({
    key,
    label,
    danger,
    onSelect: () => onAction(key),
  });
  return [
    ...(narrow ? [item('hand', handRaised ? texts.lowerHand : texts.raiseHand)] : []),
    ...(narrow && canShareScreen
      ? [item('screen', sharesScreen ? texts.stopSharing : texts.shareScreen)]
      : []),
    item('settings', texts.settings),
    ...(isModerator ? [item('security', texts.security)] : []),
    ...(narrow ? reactionItems(props) : []),
    ...(props.isLoggedIn ? [item('logOut', texts.logOut)] : []),
    ...(isModerator && canEndForAll ? [item('endForAll', texts.endForAll, true)] : []),
  ];
}
