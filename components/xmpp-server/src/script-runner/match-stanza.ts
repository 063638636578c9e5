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

/** Names may also stand within a longer text, where a new one keeps letters, digits and dashes. */
function matchesValue(expected: string, actual: string, bindings: Bindings): boolean {
  if (expected === '*') return true;
  const whole = /^\{([\w.-]+)\}$/.exec(expected)?.[1];
  if (whole !== undefined) {
    const known = bindings.get(whole);
    if (known === undefined) bindings.set(whole, actual);
    return known === undefined || known === actual;
  }
  const names: string[] = [];
  const pattern = expected.split(/\{([A-Za-z][\w.-]*)\}/).map((part, index) => {
    if (index % 2 === 0) return escaped(part);
    const known = bindings.get(part);
    if (known !== undefined) return escaped(known);
    const earlier = names.indexOf(part);
    if (earlier !== -1) return `\\${earlier + 1}`;
    names.push(part);
    return '([\\w-]+)';
  });
  const found = new RegExp(`^${pattern.join('')}$`, 's').exec(actual);
  names.forEach((name, index) => {
    const value = found?.[index + 1];
    if (value !== undefined) bindings.set(name, value);
  });
  return found !== null;
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function nsOf(element: XmlElement): string {
  return element.ns === '' ? NS.client : element.ns;
}
