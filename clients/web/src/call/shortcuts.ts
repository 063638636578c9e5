/** Which key does what, and where keys are left alone because something else has the focus. */

export type ShortcutAction = 'microphone' | 'camera' | 'chat' | 'hand';

const ACTIONS: Readonly<Record<string, ShortcutAction>> = {
  m: 'microphone',
  v: 'camera',
  c: 'chat',
  r: 'hand',
};

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
}

/** @param focused the element that would otherwise get the key */
export function shortcutFor(
  press: KeyPress,
  focused: FocusedElement | undefined,
): ShortcutAction | undefined {
  if (press.ctrlKey || press.metaKey || press.altKey || press.repeat) return undefined;
  if (focused?.isContentEditable === true) return undefined;
  if (['INPUT', 'TEXTAREA', 'SELECT'].includes(focused?.tagName ?? '')) return undefined;
  const key = press.key.toLowerCase();
  return Object.hasOwn(ACTIONS, key) ? ACTIONS[key] : undefined;
}
