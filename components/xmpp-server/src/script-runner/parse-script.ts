/**
 * Stanza scripts: transcripts that a reader understands without the code. One step a line; lines
 * that begin with spaces continue the step before; `#` begins a comment.
 *
 *   limit maxOccupants 2                     (before the first step)
 *   ada logs in
 *   focus sends: <presence …/>
 *   ada joins daily
 *   ada receives: <presence from="daily@muc.meet.jitsi/focus">...</presence>
 *   the room daily has a place for ben: no   (among the participants, when the focus asks)
 *   after 60 s
 *
 * In what is received `*` stands for any value, `{name}` for a value seen before or, when new, keeps
 * it under that name; `...` allows further children. `attribute="!"` says it must be absent.
 */

export interface ScriptStep {
  /** 1-based, for messages. */
  readonly line: number;
  readonly text: string;
}

export interface Script {
  readonly options: Readonly<Record<string, unknown>>;
  readonly limits: Readonly<Record<string, number>>;
  readonly steps: readonly ScriptStep[];
}

/** Throws for a script that makes no sense: it is our own file. */
export function parseScript(source: string): Script {
  const options: Record<string, unknown> = {};
  const limits: Record<string, number> = {};
  const steps: { line: number; text: string }[] = [];
  for (const [index, raw] of source.split('\n').entries()) {
    const text = raw.trim();
    if (text === '' || text.startsWith('#')) continue;
    const previous = steps.at(-1);
    if (/^\s/.test(raw) && previous !== undefined) {
      // Elements stand directly beside each other; attributes need a space.
      previous.text += text.startsWith('<') ? text : ` ${text}`;
      continue;
    }
    const setting = /^(option|limit) (\w+) (.+)$/.exec(text);
    if (setting === null) {
      steps.push({ line: index + 1, text });
      continue;
    }
    const [, kind, name = '', value = ''] = setting;
    if (steps.length > 0) throw new Error(`line ${index + 1}: settings come first`);
    if (kind === 'limit') limits[name] = Number(value);
    else options[name] = JSON.parse(value);
  }
  return { options, limits, steps };
}
