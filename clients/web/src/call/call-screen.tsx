/** The meeting: tiles, banners, chat and buttons. */
import type { Conference, LocalMedia } from '@conclave/sdk';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useStore } from '../app/use-store.ts';
import { ChatPanel } from '../chat/chat-panel.tsx';
import { unreadCount } from '../chat/unread.ts';
import type { RoomModel } from '../room/room-model.ts';
import { strings } from '../strings/en.ts';
import { Announcer } from './announcer.tsx';
import styles from './call-screen.module.css';
import { CallStatus } from './call-status.tsx';
import { Invite } from './invite.tsx';
import { RemoteAudio } from './remote-audio.tsx';
import type { ShortcutAction } from './shortcuts.ts';
import { TileGrid } from './tile-grid.tsx';
import { tilesOf, videoLayoutOf } from './tile-model.ts';
import { Toolbar } from './toolbar.tsx';
import { useShortcuts } from './use-shortcuts.ts';
import { useTrackStream } from './use-track-stream.ts';

interface CallScreenProps {
  readonly model: RoomModel;
  readonly conference: Conference;
  readonly media: LocalMedia;
}

export function CallScreen({ model, conference, media }: CallScreenProps) {
  const [chatOpen, setChatOpen] = useState(false);
  const [seenId, setSeenId] = useState<string | undefined>(undefined);
  const [audioBlocked, setAudioBlocked] = useState(false);
  const chatButton = useRef<HTMLButtonElement>(null);
  const audio = useStore(media.audio);
  const video = useStore(media.video);
  const self = useStore(conference.self);
  const participants = useStore(conference.participants);
  const tracks = useStore(conference.media.remoteTracks);
  const dominantSpeaker = useStore(conference.media.dominantSpeaker);
  const forwarded = useStore(conference.media.forwardedSources);
  const entries = useStore(conference.chat.entries);
  const selfStream = useTrackStream(video.track);
  const newestId = entries.at(-1)?.id;

  const tiles = useMemo(
    () => tilesOf({ self, selfStream, participants, tracks, dominantSpeaker, forwarded }),
    [self, selfStream, participants, tracks, dominantSpeaker, forwarded],
  );
  const screens = tiles.filter(({ isScreen }) => isScreen);
  const people = tiles.filter(({ isScreen }) => !isScreen);

  const closeChat = useCallback(() => {
    setChatOpen(false);
    setSeenId(newestId);
    chatButton.current?.focus();
  }, [newestId]);

  const act = (action: ShortcutAction | 'leave') => {
    switch (action) {
      case 'microphone':
        void media.setMuted('audio', !audio.muted);
        return;
      case 'camera':
        void media.setMuted('video', !video.muted);
        return;
      case 'hand':
        conference.setRaisedHand(!self.raisedHand);
        return;
      case 'chat':
        if (chatOpen) closeChat();
        else setChatOpen(true);
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
  useShortcuts(act);

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
            audioBlocked={audioBlocked}
            onUnblockAudio={() => setAudioBlocked(false)}
          />
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
        {chatOpen && <ChatPanel conference={conference} onClose={closeChat} />}
      </div>
      <Toolbar
        audioMuted={audio.muted}
        videoMuted={video.muted}
        handRaised={self.raisedHand}
        chatOpen={chatOpen}
        unread={chatOpen ? 0 : unreadCount(entries, seenId)}
        chatButton={chatButton}
        onAction={act}
      />
      <RemoteAudio tracks={tracks} onBlocked={() => setAudioBlocked(true)} />
      <Announcer conference={conference} />
    </div>
  );
}
