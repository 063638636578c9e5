/** The row of buttons under the call. */
import type { Ref } from 'react';
import { CameraIcon, ChatIcon, HandIcon, LeaveIcon, MicrophoneIcon } from '../icons/icons.tsx';
import { strings } from '../strings/en.ts';
import { ControlButton } from './control-button.tsx';
import type { ShortcutAction } from './shortcuts.ts';
import styles from './toolbar.module.css';

interface ToolbarProps {
  readonly audioMuted: boolean;
  readonly videoMuted: boolean;
  readonly handRaised: boolean;
  readonly chatOpen: boolean;
  readonly unread: number;
  readonly chatButton: Ref<HTMLButtonElement>;
  readonly onAction: (action: ShortcutAction | 'leave') => void;
}

export function Toolbar(props: ToolbarProps) {
  const { audioMuted, videoMuted, handRaised, chatOpen, unread, chatButton, onAction } = props;
  const texts = strings.toolbar;
  return (
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
      <ControlButton
        ref={chatButton}
        label={texts.chat}
        hint={chatOpen ? texts.closeChat : texts.openChat}
        shortcut="C"
        pressed={chatOpen}
        badge={unread}
        badgeLabel={texts.unread(unread)}
        onClick={() => onAction('chat')}
      >
        <ChatIcon />
      </ControlButton>
      <ControlButton
        label={texts.hand}
        hint={handRaised ? texts.lowerHand : texts.raiseHand}
        shortcut="R"
        pressed={handRaised}
        onClick={() => onAction('hand')}
      >
        <HandIcon />
      </ControlButton>
      <ControlButton
        label={texts.leave}
        hint={texts.leaveCall}
        danger
        onClick={() => onAction('leave')}
      >
        <LeaveIcon />
      </ControlButton>
    </div>
  );
}
