import { writeXml, xml } from '@conclave/protocols/xml';
import { Jid, NS } from '@conclave/protocols/xmpp';
import { expect, test } from 'vitest';
import { PreparedStanza } from './prepared-stanza.ts';
import { toAttribute } from './recipient.ts';

const body = xml('body', NS.client, {}, 'a < b');
const plain = xml('message', NS.client, { from: 'r@m/n' }, body);

test('splices the escaped address of each recipient', () => {
  const jid = new Jid('a', 'b', `x"'&<y`);
  const text = new PreparedStanza(plain).textFor(toAttribute(jid));
  expect(text).toBe(
    '<message to="a@b/x&quot;&apos;&amp;&lt;y" xmlns="jabber:client" from="r@m/n"><body>a &lt; b</body></message>',
  );
});

test('an address that was in the stanza is replaced, not doubled', () => {
  const stanza = new PreparedStanza(plain.with({ to: 'old@b' }));
  expect(stanza.textFor(' to="new@b"').match(/ to=/g)).toHaveLength(1);
  expect(stanza.elementFor('new@b').attribute('to')).toBe('new@b');
});

test('takes text that was written already', () => {
  const stanza = new PreparedStanza(plain, writeXml(plain));
  expect(stanza.textFor('')).toBe(writeXml(plain));
  expect(stanza.length).toBe(writeXml(plain).length);
});
