import { describe, expect, test } from 'vitest';
import { logInMethods } from './log-in-methods.ts';

const PAGE = 'https://meet.example.com/daily talk';
const hrefs = (...urls: string[]) =>
  logInMethods(
    false,
    urls.map((url) => ({ label: '', url })),
    'daily talk',
    PAGE,
  ).links.map(({ href }) => href);

describe('logInMethods', () => {
  test('puts the room into the address, so that the way back is known', () => {
    const [href = ''] = hrefs('https://login.example.com/?room={room}&state={state}');
    const { searchParams } = new URL(href);
    expect(searchParams.get('room')).toBe('daily talk');
    expect(JSON.parse(searchParams.get('state') ?? '')).toMatchObject({ room: 'daily talk' });
  });

  test('says which tenant the room belongs to', () => {
    const template = { label: '', url: 'https://login.example.com/?state={state}' };
    const { links } = logInMethods(
      false,
      [template],
      'daily',
      'https://meet.example.com/acme/daily',
    );
    const state = new URL(links[0]?.href ?? '').searchParams.get('state') ?? '';
    expect(JSON.parse(state)).toMatchObject({ room: 'daily', tenant: 'acme' });
  });

  test('pages of this server may be named without its address', () => {
    expect(hrefs('/log-in?room={room}')).toEqual([
      'https://meet.example.com/log-in?room=daily%20talk',
    ]);
  });

  test('only leads to web pages', () => {
    expect(hrefs('javascript:alert(1)', 'data:text/html,x', 'https://')).toEqual([]);
  });
});
