/** The meeting: tiles, banners, chat and buttons. */
import type { Conference, LocalMedia } from '@conclave/sdk';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useStore } from '../app/use-store.ts';
import { ChatPanel } from '../chat/chat-panel.tsx';
import { unreadCount } from '../chat/unread.ts';
import { browserStorage, loadSettings, saveSettings } from '../config/local-settings.ts';
import { PeoplePanel } from '../people/people-panel.tsx';
import { PollsPanel } from '../polls/polls-panel.tsx';
import type { RoomModel } from '../room/room-model.ts';
import { SecurityDialog } from '../security/security-dialog.tsx';
import { SettingsDialog } from '../settings/settings-dialog.tsx';
import { SpeakersDialog } from '../speakers/speakers-dialog.tsx';
import { strings } from '../strings/en.ts';
import { Announcer } from './announcer.tsx';
import { CallActions } from './call-actions.ts';
import styles from './call-screen.module.css';
import { CallStatus } from './call-status.tsx';
import { Doorbells } from './doorbells.tsx';
import { EndDialog } from './end-dialog.tsx';
import { Invite } from './invite.tsx';
import { RemoteAudio } from './remote-audio.tsx';
import { TileGrid } from './tile-grid.tsx';
import { tilesOf, videoLayoutOf } from './tile-model.ts';
import { Toolbar, type ToolbarAction } from './toolbar.tsx';
import { usePageTitle } from './use-page-title.ts';
import { usePanels } from './use-panels.ts';
import { useReactions } from './use-reactions.ts';
import { useShortcuts } from './use-shortcuts.ts';
import { useTrackStream } from './use-track-stream.ts';

interface CallScreenProps {
  readonly model: RoomModel;
  readonly conference: Conference;
  readonly media: LocalMedia;
}

export function CallScreen({ model, conference, media }: CallScreenProps) {
  const [dialog, setDialog] = useState<
    'settings' | 'security' | 'speakers' | 'endForAll' | undefined
  >(undefined);
  const [speakerId, setSpeakerId] = useState('');
  const [keysOn, setKeysOn] = useState(() => !loadSettings(browserStorage()).keysOff);
  const [audioBlocked, setAudioBlocked] = useState(false);
  const { screen } = model;
  const actions = useMemo(
    () => new CallActions(conference, media, screen),
    [conference, media, screen],
  );
  const audio = useStore(media.audio);
  const video = useStore(media.video);
  const screenTrack = useStore(screen.track);
  const self = useStore(conference.self);
  const participants = useStore(conference.participants);
  const knockers = useStore(conference.features.lobbyDesk.knockers);
  const asking = useStore(conference.features.visitors.asking);
  const tracks = useStore(conference.media.remoteTracks);
  const dominantSpeaker = useStore(conference.media.dominantSpeaker);
  const forwarded = useStore(conference.media.forwardedSources);
  const entries = useStore(conference.chat.entries);
  const qualities = useStore(conference.media.quality.all);
  const reactions = useReactions(conference);
  const selfStream = useTrackStream(video.track);
  const screenStream = useTrackStream(screenTrack);
  const panels = usePanels(entries.at(-1)?.id);
  const { panel, open: openPanel } = panels;
  useEffect(() => actions.listen(() => openPanel('polls')), [actions, openPanel]);

  const tiles = useMemo(
    () =>
      tilesOf({
        self,
        selfStream,
        screenStream,
        participants,
        tracks,
        dominantSpeaker,
        forwarded,
        qualities,
        reactions,
      }),
    [
      self,
      selfStream,
      screenStream,
      participants,
      tracks,
      dominantSpeaker,
      forwarded,
      qualities,
      reactions,
    ],
  );
  const screens = tiles.filter(({ isScreen }) => isScreen);
  const people = tiles.filter(({ isScreen }) => !isScreen);

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
      case 'chat':
      case 'people':
      case 'polls':
        panels.toggle(action);
        return;
      case 'settings':
      case 'security':
      case 'speakers':
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
  useShortcuts(act, keysOn);

  const unread = panel === 'chat' ? 0 : unreadCount(entries, panels.seenId);
  const waiting = knockers.length + asking.length;
  usePageTitle(model.roomName, unread + waiting);

  // What each of the two grids shows; together they decide what is asked of the bridge.
  const visible = useRef({ screens: new Map<string, number>(), people: new Map<string, number>() });
  const askForVideo = useCallback(() => {
    const both = new Map([...visible.current.screens, ...visible.current.people]);
    conference.media.setLayout(videoLayoutOf(tiles, both, window.devicePixelRatio));
  }, [conference, tiles]);
  const onScreensVisible = useCallback(
    (map: ReadonlyMap<string, number>) => {
      visible.current.screens = new Map(map);
      askForVideo();
    },
    [askForVideo],
  );
  const onPeopleVisible = useCallback(
    (map: ReadonlyMap<string, number>) => {
      visible.current.people = new Map(map);
      askForVideo();
    },
    [askForVideo],
  );
  useEffect(() => {
    if (screens.length === 0) visible.current.screens = new Map();
  }, [screens.length]);

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
          {participants.length === 0 && <Invite />}
          <div className={styles.stage}>
            {screens.length > 0 && (
              <div className={styles.screens}>
                <TileGrid
                  label={strings.call.screens}
                  tiles={screens}
                  onVisible={onScreensVisible}
                  onFirstFrame={() => model.recordFirstFrame()}
                />
              </div>
            )}
            <TileGrid
              label={strings.call.participants}
              tiles={people}
              onVisible={onPeopleVisible}
              onFirstFrame={() => model.recordFirstFrame()}
            />
          </div>
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
        sharesScreen={screenTrack !== undefined}
        canShareScreen={screen.isAvailable}
        isModerator={self.isModerator}
        isVisitor={self.isVisitor}
        canPoll={conference.features.polls.isAvailable}
        canEndForAll={conference.features.moderation.canEndForAll}
        isLoggedIn={model.isLoggedIn}
        keysOn={keysOn}
        panel={panel}
        unread={unread}
        waiting={waiting}
        panelButtons={panels.buttons}
        onReact={(reaction) => conference.reactions.react(reaction)}
        onAction={act}
      />
      {dialog === 'settings' && (
        <SettingsDialog
          conference={conference}
          media={media}
          speakerId={speakerId}
          onSpeaker={setSpeakerId}
          keysOn={keysOn}
          onKeys={(on) => {
            setKeysOn(on);
            saveSettings(browserStorage(), { keysOff: !on });
          }}
          onClose={() => setDialog(undefined)}
        />
      )}
      {dialog === 'security' && (
        <SecurityDialog conference={conference} onClose={() => setDialog(undefined)} />
      )}
      {dialog === 'speakers' && (
        <SpeakersDialog conference={conference} onClose={() => setDialog(undefined)} />
      )}
      {dialog === 'endForAll' && (
        <EndDialog
          onConfirm={() => conference.features.moderation.endForAll()}
          onClose={() => setDialog(undefined)}
        />
      )}
      <RemoteAudio tracks={tracks} speakerId={speakerId} onBlocked={() => setAudioBlocked(true)} />
      <Announcer conference={conference} />
    </div>
  );
}
