/** How this browser is known again by the focus: kept between visits, so that logging in once is enough (Jitsi's names). */
import type { FocusSession } from '@conclave/sdk';
import type { SettingsStorage } from './local-settings.ts';

const MACHINE_KEY = 'conclave.machineUid';
const SESSION_KEY = 'conclave.focusSession';
const MAX_LENGTH = 200;

function read(storage: SettingsStorage | undefined, key: string): string | undefined {
  try {
    const text = storage?.getItem(key) ?? '';
    return text !== '' && text.length <= MAX_LENGTH ? text : undefined;
  } catch {
    return undefined;
  }
}

/** @param newUid what to be called from now on, when this browser has no name yet */
export function loadFocusSession(
  storage: SettingsStorage | undefined,
  newUid: () => string,
): FocusSession {
  let machineUid = read(storage, MACHINE_KEY);
  if (machineUid === undefined) {
    machineUid = newUid();
    write(storage, MACHINE_KEY, machineUid);
  }
  const sessionId = read(storage, SESSION_KEY);
  return { machineUid, ...(sessionId !== undefined && { sessionId }) };
}

export function saveFocusSession(
  storage: SettingsStorage | undefined,
  { sessionId = '' }: FocusSession,
): void {
  if ((read(storage, SESSION_KEY) ?? '') !== sessionId) write(storage, SESSION_KEY, sessionId);
}

function write(storage: SettingsStorage | undefined, key: string, text: string): void {
  try {
    storage?.setItem(key, text);
  } catch {
    // Full or forbidden: the next visit starts anew.
  }
}
