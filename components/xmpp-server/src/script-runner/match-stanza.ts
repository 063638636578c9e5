/** Compares what arrived with what a script expects. */
import type { XmlElement } from '@conclave/protocols/xml';
import { NS } from '@conclave/protocols/xmpp';

/** Values kept under a name. */
export type Bindings = Map<string, string>;

/** A sentence saying the first difference, or `undefined` when they match. May add bindings. */
export function mismatch(
  expected: XmlElement,
  actual: XmlElement,
  bindings: Bindings,
): string | undefined {
  const where = `<${expected.name}>`;
  if (expected.name !== actual.name) return `${where} expected, <${actual.name}> came`;
  if (nsOf(expected) !== nsOf(actual)) return `${where} is in namespace ${nsOf(actual)}`;
  for (const [name, value] of expected.attributes) {
    const seen = actual.attribute(name);
    if (value === '!') {
      if (seen !== undefined) return `${where} has ${name}="${seen}"`;
    } else if (seen === undefined) return `${where} lacks ${name}="${value}"`;
    else if (!matchesValue(value, seen, bindings)) {
      return `${where} has ${name}="${seen}" instead of "${value}"`;
    }
  }
  return childMismatch(expected, actual, bindings, where);
}

function childMismatch(
  expected: XmlElement,
  actual: XmlElement,
  bindings: Bindings,
  where: string,
): string | undefined {
  const text = expected.text.trim();
  const isOpen = text.startsWith('...') || text.endsWith('...');
  const wanted = text.replace(/^\.\.\.|\.\.\.$/g, '').trim();
  if (wanted !== '' || !isOpen) {
    if (!matchesValue(wanted, actual.text.trim(), bindings)) {
      return `${where} says "${actual.text}" instead of "${wanted}"`;
    }
  }
  const came = [...actual.elements()];
  for (const child of expected.elements()) {
    let reason = `${where} lacks <${child.name}>`;
    for (;;) {
      const candidate = came.shift();
      if (candidate === undefined) return reason;
      const trial = new Map(bindings);
      const difference = mismatch(child, candidate, trial);
      if (difference === undefined) {
        for (const [key, value] of trial) bindings.set(key, value);
        break;
      }
      if (candidate.name === child.name) reason = difference;
      if (!isOpen) return reason;
    }
  }
  const extra = came[0];
  return extra !== undefined && !isOpen ? `${where} also has <${extra.name}>` : undefined;
}

function matchesValue(expected: string, actual: string, bindings: Bindings): boolean {
  if (expected === '*') return true;
  const capture = /^\{([\w.-]+)\}$/.exec(expected);
  if (capture === null) return expected === actual;
  const name = capture[1] ?? '';
  const known = bindings.get(name);
  if (known === undefined) bindings.set(name, actual);
  return known === undefined || known === actual;
}

function nsOf(element: XmlElement): string {
  return element.ns === '' ? NS.client : element.ns;
}
