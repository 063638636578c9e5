import type { AuditRecord } from '@conclave/base';
import { ManualClock } from '@conclave/testkit';
import { beforeEach, expect, test } from 'vitest';
import { AuditLimit } from './audit-limit.ts';

let clock: ManualClock;
let written: AuditRecord[];
let log: AuditLimit;
beforeEach(() => {
  clock = new ManualClock();
  written = [];
  log = new AuditLimit({ record: (record) => written.push(record) }, { clock, timers: clock });
});

function refuse(times: number, address: string): void {
  for (let i = 0; i < times; i++) log.record({ event: 'login.refused', address });
}
const countOf = (event: string) => written.filter((record) => record.event === event).length;
const omitted = () => written.filter(({ event }) => event === 'audit.omitted');

test('of a flood from one address the beginning is written, and how many more there were', () => {
  refuse(1_000, '192.0.2.1');
  expect(countOf('login.refused')).toBe(200);
  expect(omitted()).toEqual([]);
  clock.advance(60_000);
  expect(omitted()).toEqual([
    { event: 'audit.omitted', reason: 'login.refused', address: '192.0.2.1', value: '800' },
  ]);
  // Half a minute's worth later there is room again.
  refuse(100, '192.0.2.1');
  expect(countOf('login.refused')).toBe(230);
});

test('another address, and what needs a right, is written in the middle of it', () => {
  refuse(1_000, '192.0.2.1');
  refuse(1, '192.0.2.2');
  for (let i = 0; i < 300; i++) log.record({ event: 'room.kick', actor: 'ada' });
  expect(written.at(200)).toEqual({ event: 'login.refused', address: '192.0.2.2' });
  expect(countOf('room.kick')).toBe(300);
});

test('a school enters behind one address', () => {
  for (let i = 0; i < 2_000; i++) log.record({ event: 'login.accepted', address: '192.0.2.1' });
  expect(countOf('login.accepted')).toBe(2_000);
});

test('a flood from everywhere is bounded too, in the file as in memory', () => {
  for (let i = 0; i < 20_000; i++) refuse(1, `2001:db8::${i.toString(16)}`);
  expect(countOf('login.refused')).toBe(5_000);
  log.close();
  expect(omitted()).toHaveLength(101);
  expect(omitted().reduce((sum, { value }) => sum + Number(value), 0)).toBe(15_000);
  expect(omitted().at(-1)).not.toHaveProperty('address');
});

test('what was counted is written at the end', () => {
  refuse(300, '192.0.2.1');
  log.close();
  expect(omitted()).toMatchObject([{ value: '100' }]);
  clock.advance(120_000);
  expect(omitted()).toHaveLength(1);
});
