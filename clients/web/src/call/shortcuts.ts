/** Which key does what, and where keys are left alone because something else has the focus. */

export type ShortcutAction = 'microphone' | 'camera' | 'screen' | 'chat' | 'people' | 'hand';

/** By key. */
export const SHORTCUTS: Readonly<Record<string, ShortcutAction>> = {
  m: 'microphone',
  v: 'camera',
  s: 'screen',
  c: 'chat',
  p: 'people',
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
  /** It is in a dialogue: the call behind it gets no keys. */
  readonly isInDialog: boolean;
}

/** @param focused the element that would otherwise get the key */
export function shortcutFor(
  press: KeyPress,
  focused: FocusedElement | undefined,
): ShortcutAction | undefined {
  if (press.ctrlKey || press.metaKey || press.altKey || press.repeat) return undefined;
  if (focused?.isContentEditable === true || focused?.isInDialog === true) return undefined;
  if (['INPUT', 'TEXTAREA', 'SELECT'].includes(focused?.tagName ?? '')) return undefined;
  const key = press.key.toLowerCase();
  return Object.hasOwn(SHORTCUTS, key) ? SHORTCUTS[key] : undefined;
}
