/** Which key does what, and where keys are left alone because something else has the focus. */

export type ShortcutAction =
  | 'microphone'
  | 'camera'
  | 'screen'
  | 'chat'
  | 'people'
  | 'hand'
  | 'view'
  | 'fullScreen'
  | 'smallWindow'
  | 'keys';

/** By key. */
export const SHORTCUTS: Readonly<Record<string, ShortcutAction>> = {
  m: 'microphone',
  v: 'camera',
  s: 'screen',
  c: 'chat',
  p: 'people',
  r: 'hand',
  w: 'view',
  f: 'fullScreen',
  i: 'smallWindow',
  '?': 'keys',
};

/** Held down while one speaks. */
export const TALK_KEY = ' ';

export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly repeat: boolean;
}

export interface FocusedElement {
  readonly tagName: string;
  readonly isContentEditable: boolean;
  /** It is in a dialogue: the call behind it gets no keys. */
  readonly isInDialog: boolean;
}

function isFree(press: KeyPress, focused: FocusedElement | undefined): boolean {
  if (press.ctrlKey || press.metaKey || press.altKey || press.repeat) return false;
  if (focused?.isContentEditable === true || focused?.isInDialog === true) return false;
  return !['INPUT', 'TEXTAREA', 'SELECT'].includes(focused?.tagName ?? '');
}

/** @param focused the element that would otherwise get the key */
export function shortcutFor(
  press: KeyPress,
  focused: FocusedElement | undefined,
): ShortcutAction | undefined {
  if (!isFree(press, focused)) return undefined;
  const key = press.key.toLowerCase();
  return Object.hasOwn(SHORTCUTS, key) ? SHORTCUTS[key] : undefined;
}

/** Whether this begins to speak. What has the focus has its own use for the key: it is pressed, or scrolls. */
export function beginsToTalk(press: KeyPress, focused: FocusedElement | undefined): boolean {
  const nothingHasFocus = focused === undefined || focused.tagName === 'BODY';
  return press.key === TALK_KEY && nothingHasFocus && isFree(press, focused);
}
