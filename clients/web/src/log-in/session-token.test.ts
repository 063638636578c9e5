/** A token leaves the address bar, and an earlier log-in is asked for when there is none. */
import { expect, test } from 'vitest';
import { addressWithToken } from './session-token.ts';

function page(hash: string, search: string, answer?: () => Promise<Response>) {
  const shown: string[] = [];
  const asked: string[] = [];
  return {
    shown,
    asked,
    location: { hash, search, pathname: '/daily' },
    history: { replaceState: (_: unknown, __: string, url: string) => void shown.push(url) },
    fetch: (path: string) => {
      asked.push(path);
      return answer?.() ?? Promise.reject(new Error('offline'));
    },
  };
}
const json = (status: number, value: unknown) => () =>
  Promise.resolve(new Response(JSON.stringify(value), { status }));

test('a token in the address is used and taken out of it', async () => {
  const plain = page('#jwt=a.b.c', '?lang=de');
  expect(await addressWithToken(plain, true)).toEqual({ hash: '#jwt=a.b.c', search: '?lang=de' });
  expect(plain.shown).toEqual(['/daily?lang=de']);
  expect(plain.asked).toEqual([]);
  const more = page('#config.x=1&jwt=a.b.c', '');
  await addressWithToken(more, true);
  expect(more.shown).toEqual(['/daily#config.x=1']);
});

test('without one the server is asked, where people can log in', async () => {
  const known = page('#config.x=1', '', json(200, { token: 'a.b.c' }));
  expect((await addressWithToken(known, true)).hash).toBe('#config.x=1&jwt=a.b.c');
  expect(known.asked).toEqual(['/login/session']);
  const open = page('', '', json(200, { token: 'a.b.c' }));
  expect((await addressWithToken(open, false)).hash).toBe('');
  const linked = page('', '?jwt=x', json(200, { token: 'a.b.c' }));
  expect((await addressWithToken(linked, true)).hash).toBe('');
  expect([...open.asked, ...linked.asked]).toEqual([]);
});

test.each([
  ['nobody is logged in', json(401, {})],
  ['an answer of another kind', json(200, { token: 7 })],
  ['a token that is none', json(200, { token: 'a&config.y=1' })],
  ['no JSON', () => Promise.resolve(new Response('<html>'))],
  ['no network', undefined],
])('%s: the page opens without', async (_, answer) => {
  expect(await addressWithToken(page('', '', answer), true)).toEqual({ hash: '', search: '' });
});
