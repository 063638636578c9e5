/** The row of buttons under the call; on narrow screens what is used less often is in the menu. */
import { REACTIONS, type Reaction } from '@conclave/sdk';
import { Menu, type MenuItem } from '../app/menu.tsx';
import { useMediaQuery } from '../app/use-media-query.ts';
import {
  CameraIcon,
  ChatIcon,
  HandIcon,
  MicrophoneIcon,
  MoreIcon,
  PeopleIcon,
  ScreenIcon,
  SmileIcon,
  ViewIcon,
} from '../icons/icons.tsx';
import { strings } from '../strings/strings.ts';
import { ControlButton } from './control-button.tsx';
import { canFillScreen } from './full-screen.ts';
import { LeaveButton } from './leave-button.tsx';
import type { ShortcutAction } from './shortcuts.ts';
import type { View } from './stage.ts';
import styles from './toolbar.module.css';
import type { Panel, Panels } from './use-panels.ts';

export type ToolbarAction =
  | ShortcutAction
  | 'invite'
  | 'polls'
  | 'speakers'
  | 'connection'
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
  /** False when the log-in forbids it. */
  readonly mayShareScreen: boolean;
  readonly view: View;
  readonly isModerator: boolean;
  /** Looks on: has nothing to switch on. */
  readonly isVisitor: boolean;
  readonly canPoll: boolean;
  readonly canOpenSmallWindow: boolean;
  readonly canEndForAll: boolean;
  readonly isLoggedIn: boolean;
  /** Whether letters do what the buttons do. */
  readonly keysOn: boolean;
  readonly panel: Panel | undefined;
  readonly unread: number;
  /** People who want something of a moderator. */
  readonly waiting: number;
  readonly panelButtons: Panels['buttons'];
  readonly onReact: (reaction: Reaction) => void;
  readonly onAction: (action: ToolbarAction) => void;
}

/** Below this not all buttons fit into one row. */
const NARROW = '(max-width: 43rem)';

export function Toolbar(props: ToolbarProps) {
  const { handRaised, isVisitor, keysOn, panel, onAction } = props;
  const texts = strings.toolbar;
  const narrow = useMediaQuery(NARROW);
  return (
    <footer>
      <div className={styles.toolbar} role="toolbar" aria-label={texts.label}>
        {!isVisitor && <MediaButtons {...props} narrow={narrow} />}
        <ControlButton
          ref={props.panelButtons.chat}
          label={texts.chat}
          hint={panel === 'chat' ? texts.closeChat : texts.openChat}
          shortcut={keysOn ? 'C' : undefined}
          pressed={panel === 'chat'}
          badge={props.unread}
          badgeLabel={texts.unread(props.unread)}
          onClick={() => onAction('chat')}
        >
          <ChatIcon />
        </ControlButton>
        <ControlButton
          ref={props.panelButtons.people}
          label={texts.people}
          hint={panel === 'people' ? texts.closePeople : texts.openPeople}
          shortcut={keysOn ? 'P' : undefined}
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
            hint={handText(props)}
            shortcut={keysOn ? 'R' : undefined}
            pressed={handRaised}
            onClick={() => onAction('hand')}
          >
            <HandIcon />
          </ControlButton>
        )}
        {!narrow && (
          <ControlButton
            label={texts.view}
            hint={viewText(props)}
            shortcut={keysOn ? 'W' : undefined}
            onClick={() => onAction('view')}
          >
            <ViewIcon tiles={props.view === 'speaker'} />
          </ControlButton>
        )}
        {!narrow && !isVisitor && (
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
              ref={(element) => {
                ref(element);
                // What is opened from this menu gives the focus back to its button.
                props.panelButtons.polls.current = element;
              }}
              label={texts.more}
              hint={texts.more}
              expanded={expanded}
              onClick={onClick}
            >
              <MoreIcon />
            </ControlButton>
          )}
        </Menu>
        <LeaveButton onClick={() => onAction('leave')} />
      </div>
    </footer>
  );
}

/** What those have who are seen and heard. */
function MediaButtons(props: ToolbarProps & { readonly narrow: boolean }) {
  const { audioMuted, videoMuted, sharesScreen, keysOn, onAction } = props;
  const texts = strings.toolbar;
  return (
    <>
      <ControlButton
        label={texts.microphone}
        hint={audioMuted ? texts.unmute : texts.mute}
        shortcut={keysOn ? 'M' : undefined}
        pressed={!audioMuted}
        off={audioMuted}
        onClick={() => onAction('microphone')}
      >
        <MicrophoneIcon off={audioMuted} />
      </ControlButton>
      <ControlButton
        label={texts.camera}
        hint={videoMuted ? texts.cameraOn : texts.cameraOff}
        shortcut={keysOn ? 'V' : undefined}
        pressed={!videoMuted}
        off={videoMuted}
        onClick={() => onAction('camera')}
      >
        <CameraIcon off={videoMuted} />
      </ControlButton>
      {props.canShareScreen && !props.narrow && (
        <ControlButton
          label={texts.screen}
          hint={screenText(props)}
          shortcut={keysOn ? 'S' : undefined}
          pressed={sharesScreen}
          unavailable={!props.mayShareScreen}
          onClick={() => onAction('screen')}
        >
          <ScreenIcon off={sharesScreen} />
        </ControlButton>
      )}
    </>
  );
}

function screenText({ mayShareScreen, sharesScreen }: ToolbarProps): string {
  if (!mayShareScreen) return strings.call.screenForbidden;
  return sharesScreen ? strings.toolbar.stopSharing : strings.toolbar.shareScreen;
}

function viewText({ view }: ToolbarProps): string {
  return view === 'tiles' ? strings.toolbar.speakerView : strings.toolbar.tileView;
}

function handText({ handRaised, isVisitor }: ToolbarProps): string {
  if (isVisitor) return handRaised ? strings.visitors.takeBack : strings.visitors.askToTakePart;
  return handRaised ? strings.toolbar.lowerHand : strings.toolbar.raiseHand;
}

function reactionItems({ onReact }: ToolbarProps): MenuItem[] {
  return (Object.keys(REACTIONS) as Reaction[]).map((reaction) => ({
    key: reaction,
    label: strings.call.reactions[reaction],
    picture: REACTIONS[reaction],
    onSelect: () => onReact(reaction),
  }));
}

function moreItems(props: ToolbarProps, narrow: boolean): MenuItem[] {
  const { canShareScreen, isModerator, isVisitor, canEndForAll, onAction } = props;
  const texts = strings.toolbar;
  const item = (key: ToolbarAction, label: string, danger = false): MenuItem => ({
    key,
    label,
    danger,
    onSelect: () => onAction(key),
  });
  return [
    ...(narrow && !isVisitor ? reactionItems(props) : []),
    ...(narrow ? [item('hand', handText(props))] : []),
    ...(narrow && canShareScreen && !isVisitor
      ? [item('screen', props.sharesScreen ? texts.stopSharing : texts.shareScreen)]
      : []),
    ...(narrow ? [item('view', viewText(props))] : []),
    item('invite', texts.invite),
    ...(props.canPoll ? [item('polls', texts.polls)] : []),
    item('speakers', texts.speakers),
    item('settings', texts.settings),
    item('connection', texts.connection),
    ...(canFillScreen() ? [item('fullScreen', texts.fullScreen)] : []),
    ...(props.canOpenSmallWindow ? [item('smallWindow', texts.smallWindow)] : []),
    ...(narrow ? [] : [item('keys', texts.keys)]),
    ...(isModerator ? [item('security', texts.security)] : []),
    ...(props.isLoggedIn ? [item('logOut', texts.logOut)] : []),
    ...(isModerator && canEndForAll ? [item('endForAll', texts.endForAll, true)] : []),
  ];
}
