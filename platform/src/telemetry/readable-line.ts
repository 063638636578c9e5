/** One log record as a line for people: `12:34:56.789 info  xmpp.stream.opened streams=3`. */

/** `record` is one JSON line; text that is not JSON is returned as it is, without its line feed. */
export function formatLogLine(record: string): string {
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(record) as Record<string, unknown>;
  } catch {
    return record.trimEnd();
  }
  const { time, level, event, error, ...rest } = fields;
  const clock = typeof time === 'string' ? time.slice(11, 23) : '';
  let line = `${clock} ${String(level).padEnd(5)} ${printable(String(event))}`;
  for (const [name, value] of Object.entries(rest)) line += ` ${name}=${formatValue(value)}`;
  // Stacks keep their lines, indented, so that the next record is easy to find.
  if (error !== undefined)
    line += `\n      ${String(error).split('\n').map(printable).join('\n      ')}`;
  return line;
}

function formatValue(value: unknown): string {
  if (typeof value !== 'string') return printable(JSON.stringify(value) ?? 'undefined');
  return /^[\w.:/@%+-]+$/.test(value) ? value : printable(JSON.stringify(value));
}

/** Control characters could move the cursor or forge lines: what peers send ends up in logs. */
function printable(text: string): string {
  let out = '';
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    const isControl =
      code < 0x20 || (code >= 0x7f && code < 0xa0) || code === 0x2028 || code === 0x2029;
    out += isControl ? `\\u${code.toString(16).padStart(4, '0')}` : char;
  }
  return out;
}
