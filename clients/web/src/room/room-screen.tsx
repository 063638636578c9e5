/** Shows the screen that belongs to where we are in the visit. */
import { useEffect } from 'react';
import { useStore } from '../app/use-store.ts';
import { CallScreen } from '../call/call-screen.tsx';
import {
  browserStorage,
  loadSettings,
  saveSettings,
  withRecentRoom,
} from '../config/local-settings.ts';
import { LobbyScreen } from '../lobby/lobby-screen.tsx';
import { LogInScreen } from '../log-in/log-in-screen.tsx';
import { refusalText } from '../log-in/refusal-text.ts';
import { WaitingScreen } from '../log-in/waiting-screen.tsx';
import { PasswordScreen } from '../prejoin/password-screen.tsx';
import { PrejoinScreen } from '../prejoin/prejoin-screen.tsx';
import { FailureScreen, LeftScreen, RecoveringScreen } from '../screens/message-screens.tsx';
import { strings } from '../strings/strings.ts';
import { tenantFromPath } from '../welcome/room-names.ts';
import type { RoomModel } from './room-model.ts';

interface RoomScreenProps {
  readonly model: RoomModel;
  readonly initialName: string;
}

export function RoomScreen({ model, initialName }: RoomScreenProps) {
  const phase = useStore(model.phase);
  const media = useStore(model.localMedia);
  useEffect(() => {
    document.title = strings.pageTitle(model.roomName);
  }, [model]);

  const join = (displayName: string) => {
    const { recentRooms } = loadSettings(browserStorage());
    const { roomName } = model;
    const tenant = tenantFromPath(window.location.pathname);
    saveSettings(browserStorage(), {
      displayName,
      audioMuted: media.audio.get().muted,
      videoMuted: media.video.get().muted,
      recentRooms: withRecentRoom(recentRooms, tenant ? `${tenant}/${roomName}` : roomName),
    });
    void model.join(displayName);
  };
  const storedName = loadSettings(browserStorage()).displayName;

  switch (phase.type) {
    case 'prejoin':
    case 'joining':
      return <PrejoinScreen model={model} initialName={initialName || storedName} onJoin={join} />;
    case 'password':
      return (
        <PasswordScreen
          wasWrong={phase.wasWrong}
          onSubmit={(password) => void model.joinWithPassword(password)}
          onCancel={() => model.cancel()}
        />
      );
    case 'lobby':
      return (
        <LobbyScreen
          // Another try with the password starts with an empty form.
          key={String(phase.passwordWasWrong)}
          visit={phase.visit}
          passwordWasWrong={phase.passwordWasWrong}
          onName={join}
          onPassword={(password) => void model.joinWithPassword(password)}
          onCancel={() => model.cancel()}
        />
      );
    case 'waitingForHost':
      return (
        <WaitingScreen
          methods={model.logInMethods(window.location.href)}
          onLogIn={() => model.openLogIn()}
          onCancel={() => model.cancel()}
        />
      );
    case 'logIn':
      return (
        <LogInScreen
          methods={model.logInMethods(window.location.href)}
          pending={phase.pending}
          problem={
            phase.problem === undefined
              ? undefined
              : (refusalText(phase.problem) ?? strings.failure.details(phase.problem))
          }
          onLogIn={(user, password) => void model.logIn(user, password)}
          onCancel={() => window.location.assign('/')}
        />
      );
    case 'call':
      return <CallScreen model={model} conference={phase.conference} media={media} />;
    case 'moving':
      return <RecoveringScreen title={strings.call.moving} onLeave={() => void model.leave()} />;
    case 'recovering':
      return (
        <RecoveringScreen title={strings.call.recovering} onLeave={() => void model.leave()} />
      );
    case 'left':
      return <LeftScreen onRejoin={() => model.start()} />;
    case 'failed':
      return (
        <FailureScreen
          failure={phase.failure}
          methods={model.logInMethods(window.location.href)}
          onRetry={() => model.start()}
          onLogIn={() => model.openLogIn()}
        />
      );
    default: {
      const never: never = phase;
      throw never;
    }
  }
}
