/** The page starts here: settings, address, then the screen they lead to. */
import { randomUuid } from '@conclave/base';
import { createBrowserPlatform } from '@conclave/sdk';
import { type ReactNode, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { installDebugHandle } from './app/debug-handle.ts';
import { loadFocusSession, saveFocusSession } from './config/focus-session.ts';
import { browserStorage, loadSettings } from './config/local-settings.ts';
import { readConfig, type WebConfig } from './config/read-config.ts';
import { isSupportedBrowser } from './config/supported-browser.ts';
import { addressWithToken } from './log-in/session-token.ts';
import { RoomModel } from './room/room-model.ts';
import { RoomScreen } from './room/room-screen.tsx';
import { NoConfigScreen, UnsupportedScreen } from './screens/message-screens.tsx';
import { Speaking, speakFirst } from './strings/language.tsx';
import './styles/tokens.css';
import './styles/base.css';
import { roomFromPath } from './welcome/room-names.ts';
import { WelcomeScreen } from './welcome/welcome-screen.tsx';

function openRoom(config: WebConfig, roomName: string): () => ReactNode {
  const stored = loadSettings(browserStorage());
  const platform = createBrowserPlatform();
  const model = new RoomModel(
    {
      platform,
      mediaDevices: navigator.mediaDevices,
      focusSession: {
        load: () => loadFocusSession(browserStorage(), () => randomUuid(platform.random)),
        save: (session) => saveFocusSession(browserStorage(), session),
      },
      userAgent: navigator.userAgent,
    },
    config,
    roomName,
    {
      audioMuted: config.startWithAudioMuted || stored.audioMuted,
      videoMuted: config.startWithVideoMuted || stored.videoMuted,
      choice: stored.devices,
      noiseSuppression: stored.noiseSuppression,
    },
  );
  installDebugHandle(model);
  window.addEventListener('pagehide', () => model.handlePageHide());
  // Brought back from the browser's cache of pages: the call it shows has ended.
  window.addEventListener('pageshow', ({ persisted }) => {
    if (persisted) window.location.reload();
  });
  window.addEventListener('online', () => model.connection?.retryNow());
  model.start();
  const displayName = config.displayName ?? '';
  if (!config.prejoinEnabled) void model.join(displayName || stored.displayName);
  return () => <RoomScreen model={model} initialName={displayName} />;
}

/** What draws the page. */
async function firstScreen(): Promise<() => ReactNode> {
  if (!isSupportedBrowser(globalThis)) return () => <UnsupportedScreen />;
  const facts = (window as { config?: { logInMethods?: unknown } }).config;
  const address = await addressWithToken(
    {
      location: window.location,
      history: window.history,
      fetch: (path, options) => fetch(path, options),
    },
    Array.isArray(facts?.logInMethods),
  );
  const config = readConfig(facts, address);
  if (config === undefined) return () => <NoConfigScreen />;
  const roomName = roomFromPath(window.location.pathname);
  return roomName === undefined ? () => <WelcomeScreen /> : openRoom(config, roomName);
}

const root = document.getElementById('root');
if (root !== null) {
  const language = speakFirst();
  void firstScreen().then((draw) =>
    createRoot(root).render(
      <StrictMode>
        <Speaking first={language}>{draw}</Speaking>
      </StrictMode>,
    ),
  );
}
