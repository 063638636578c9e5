import { describe, expect, test } from 'vitest';
import { type Bindings, mismatch } from './match-stanza.ts';
import { parseScript } from './parse-script.ts';
import { element } from './scripted-peer.ts';

function compare(expected: string, actual: string, bindings: Bindings = new Map()) {
  return mismatch(element(expected), element(actual), bindings);
}

describe('what a script expects', () => {
  test.each([
    ['<a x="1"/>', '<a x="1" y="2"/>'],
    ['<a x="*"/>', '<a x="1"/>'],
    ['<iq/>', '<iq xmlns="jabber:client"/>'],
    ['<a>...<c/></a>', '<a><b/><c/><d/></a>'],
    ['<a>*</a>', '<a>text</a>'],
    ['<a y="!"/>', '<a x="1"/>'],
    ['<a>{x}@y, {x}: {z}</a>', '<a>1-f@y, 1-f: 2</a>'],
  ])('%s matches %s', (expected, actual) => {
    expect(compare(expected, actual)).toBeUndefined();
  });

  test.each([
    ['<a x="1"/>', '<a x="2"/>', 'x="2"'],
    ['<a x="1"/>', '<a/>', 'lacks x'],
    ['<a>{x}@y, {x}</a>', '<a>1@y, 2</a>', 'says'],
    ['<a>{x}@y</a>', '<a>1@yy</a>', 'says'],
    ['<a>{x}.y</a>', '<a>1zy</a>', 'says'],
    ['<a/>', '<b/>', '<b> came'],
    ['<a/>', '<a xmlns="urn:x"/>', 'namespace urn:x'],
    ['<a/>', '<a><b/></a>', 'also has <b>'],
    ['<a><b/></a>', '<a/>', 'lacks <b>'],
    ['<a>...<c x="1"/></a>', '<a><b/><c x="2"/></a>', 'x="2"'],
    ['<a>...<c/><b/></a>', '<a><b/><c/></a>', 'lacks <b>'],
    ['<a>one</a>', '<a>two</a>', 'instead of "one"'],
    ['<a y="!"/>', '<a y="1"/>', 'has y'],
  ])('%s does not match %s', (expected, actual, reason) => {
    expect(compare(expected, actual)).toContain(reason);
  });

  test('a name keeps the first value and then stands for it', () => {
    const bindings: Bindings = new Map();
    expect(compare('<a x="{v}"/>', '<a x="1"/>', bindings)).toBeUndefined();
    expect(bindings.get('v')).toBe('1');
    expect(compare('<a x="{v}"/>', '<a x="2"/>', bindings)).toContain('x="2"');
  });
});

describe('the format', () => {
  test('joins continued lines, skips comments, reads settings', () => {
    const script = parseScript(
      '# story\noption strictNick false\nlimit maxDepth 3\nada sends: <a\n  x="1">\n  <b/></a>\n\nafter 1 s',
    );
    expect(script.options).toEqual({ strictNick: false });
    expect(script.limits).toEqual({ maxDepth: 3 });
    expect(script.steps).toEqual([
      { line: 4, text: 'ada sends: <a x="1"><b/></a>' },
      { line: 8, text: 'after 1 s' },
    ]);
  });
});
