/** The meeting: tiles, banners, panels and buttons. */
import type { Conference, LocalMedia } from '@conclave/sdk';
import { useEffect, useMemo, useState } from 'react';
import { useStore } from '../app/use-store.ts';
import { ChatPanel } from '../chat/chat-panel.tsx';
import { unreadCount } from '../chat/unread.ts';
import { PeoplePanel } from '../people/people-panel.tsx';
import { PollsPanel } from '../polls/polls-panel.tsx';
import type { RoomModel } from '../room/room-model.ts';
import { useLanguage } from '../strings/language.tsx';
import { strings } from '../strings/strings.ts';
import { Announcer } from './announcer.tsx';
import { CallActions } from './call-actions.ts';
import { CallDialog, type CallDialogName } from './call-dialog.tsx';
import styles from './call-screen.module.css';
import { CallStage } from './call-stage.tsx';
import { CallStatus } from './call-status.tsx';
import { Doorbells } from './doorbells.tsx';
import { toggleFullScreen } from './full-screen.ts';
import { Invite } from './invite.tsx';
import { RemoteAudio } from './remote-audio.tsx';
import { Toasts } from './toasts.tsx';
import { Toolbar, type ToolbarAction } from './toolbar.tsx';
import { useDoorbellSound } from './use-doorbell-sound.ts';
import { useMutedTalk } from './use-muted-talk.ts';
import { usePageTitle } from './use-page-title.ts';
import { usePanels } from './use-panels.ts';
import { usePictureInPicture } from './use-picture-in-picture.ts';
import { usePreferences } from './use-preferences.ts';
import { useShortcuts } from './use-shortcuts.ts';
import { useWakeLock } from './use-wake-lock.ts';

interface CallScreenProps {
  readonly model: RoomModel;
  readonly conference: Conference;
  readonly media: LocalMedia;
}

export function CallScreen({ model, conference, media }: CallScreenProps) {
  const [dialog, setDialog] = useState<CallDialogName | undefined>(undefined);
  const [audioBlocked, setAudioBlocked] = useState(false);
  const { preferences, change: changePreferences } = usePreferences();
  const { language } = useLanguage();
  const { screen } = model;
  const actions = useMemo(
    () => new CallActions(conference, media, screen),
    [conference, media, screen],
  );
  const audio = useStore(media.audio);
  const video = useStore(media.video);
  const sharesScreen = useStore(screen.track) !== undefined;
  const self = useStore(conference.self);
  const permissions = useStore(conference.permissions);
  const others = useStore(conference.participants).length;
  const isAlone = others + useStore(conference.features.visitors.count) === 0;
  const knockers = useStore(conference.features.lobbyDesk.knockers);
  const asking = useStore(conference.features.visitors.asking);
  const tracks = useStore(conference.media.remoteTracks);
  const entries = useStore(conference.chat.entries);
  const panels = usePanels(entries.at(-1)?.id);
  const small = usePictureInPicture();
  const { panel, open: openPanel } = panels;
  useEffect(() => actions.listen(() => openPanel('polls')), [actions, openPanel]);

  const act = (action: ToolbarAction) => {
    const isOfMedia = action === 'microphone' || action === 'camera' || action === 'screen';
    if (isOfMedia && self.isVisitor) return;
    switch (action) {
      case 'microphone':
        actions.toggle('audio');
        return;
      case 'camera':
        actions.toggle('video');
        return;
      case 'screen':
        if (screen.isAvailable) void actions.toggleScreen();
        return;
      case 'hand':
        actions.toggleHand();
        return;
      case 'view':
        changePreferences({ view: preferences.view === 'tiles' ? 'speaker' : 'tiles' });
        return;
      case 'fullScreen':
        void toggleFullScreen();
        return;
      case 'smallWindow':
        if (small.isAvailable) small.toggle().catch(() => actions.tellNoSmallWindow());
        return;
      case 'chat':
      case 'people':
      case 'polls':
        panels.toggle(action);
        return;
      case 'invite':
      case 'settings':
      case 'security':
      case 'speakers':
      case 'connection':
      case 'keys':
      case 'endForAll':
        setDialog(action);
        return;
      case 'logOut':
        void model.logOut();
        return;
      case 'leave':
        void model.leave();
        return;
      default: {
        const never: never = action;
        throw never;
      }
    }
  };
  useMutedTalk(media, actions.handleMutedTalk);
  useShortcuts(
    {
      act,
      startTalking: () => actions.startTalking(),
      stopTalking: () => actions.stopTalking(),
    },
    !preferences.keysOff,
  );

  const unread = panel === 'chat' ? 0 : unreadCount(entries, panels.seenId);
  const waiting = knockers.length + asking.length;
  usePageTitle(model.roomName, unread + waiting);
  useDoorbellSound(waiting, preferences.speakerId);
  useWakeLock();

  return (
    <div className={styles.call}>
      <div className={styles.body}>
        <main className={styles.main} aria-label={strings.call.label}>
          <h1 className="visually-hidden">{strings.pageTitle(model.roomName)}</h1>
          <CallStatus
            model={model}
            conference={conference}
            media={media}
            notices={actions.notices}
            audioBlocked={audioBlocked}
            onUnblockAudio={() => setAudioBlocked(false)}
          />
          <Doorbells conference={conference} actions={actions} />
          {isAlone && <Invite />}
          <CallStage
            key={language}
            conference={conference}
            media={media}
            screen={screen}
            view={preferences.view}
            quality={preferences.quality}
            small={small}
            keysOn={!preferences.keysOff}
            onFirstFrame={() => model.recordFirstFrame()}
            onAction={act}
          />
          <Toasts conference={conference} readsChat={panel === 'chat'} />
        </main>
        {panel === 'chat' && (
          <ChatPanel
            key={panels.recipientId}
            conference={conference}
            recipientId={panels.recipientId}
            onClose={panels.close}
          />
        )}
        {panel === 'people' && (
          <PeoplePanel
            conference={conference}
            onAction={(person, action) => {
              if (!actions.apply(person, action)) openPanel('chat', person.id);
            }}
            onDeny={(id) => actions.deny(id)}
            onMove={(breakoutJid) => void model.moveTo(breakoutJid)}
            onMuteAll={(medium) => actions.muteAll(medium)}
            onClose={panels.close}
          />
        )}
        {panel === 'polls' && <PollsPanel conference={conference} onClose={panels.close} />}
      </div>
      <Toolbar
        audioMuted={audio.muted}
        videoMuted={video.muted}
        handRaised={self.raisedHand}
        sharesScreen={sharesScreen}
        canShareScreen={screen.isAvailable}
        mayShareScreen={permissions.get('screen-sharing') !== false}
        view={preferences.view}
        isModerator={self.isModerator}
        isVisitor={self.isVisitor}
        canOpenSmallWindow={small.isAvailable}
        canPoll={conference.features.polls.isAvailable}
        canEndForAll={conference.features.moderation.canEndForAll}
        isLoggedIn={model.isLoggedIn}
        keysOn={!preferences.keysOff}
        panel={panel}
        unread={unread}
        waiting={waiting}
        panelButtons={panels.buttons}
        onReact={(reaction) => conference.reactions.react(reaction)}
        onAction={act}
      />
      <CallDialog
        dialog={dialog}
        conference={conference}
        media={media}
        preferences={preferences}
        onPreferences={changePreferences}
        onClose={() => setDialog(undefined)}
      />
      <RemoteAudio
        tracks={tracks}
        speakerId={preferences.speakerId}
        onBlocked={() => setAudioBlocked(true)}
      />
      <Announcer conference={conference} />
    </div>
  );
}
