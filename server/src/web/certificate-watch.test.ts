import { silentLogger } from '@conclave/base';
import { ManualClock } from '@conclave/testkit';
import { describe, expect, test } from 'vitest';
import type { WebCertificate } from './certificate.ts';
import { CertificateWatch } from './certificate-watch.ts';

const TEN_MINUTES_MS = 600_000;
const named = (certificate: string): WebCertificate => ({
  certificate,
  privateKey: 'key',
  isSelfSigned: false,
});

function watch() {
  const clock = new ManualClock();
  const used: string[] = [];
  const disk = { load: () => named('first') };
  const watching = new CertificateWatch(
    {
      timers: clock,
      logger: silentLogger,
      load: () => disk.load(),
      use: ({ certificate }) => used.push(certificate),
    },
    named('first'),
  );
  return { clock, used, disk, watching };
}

describe('CertificateWatch', () => {
  test('says nothing while the certificate is the same', () => {
    const { clock, used } = watch();
    clock.advance(10 * TEN_MINUTES_MS);
    expect(used).toEqual([]);
  });

  test('tells of another one, once', () => {
    const { clock, used, disk } = watch();
    disk.load = () => named('second');
    clock.advance(TEN_MINUTES_MS - 1);
    expect(used).toEqual([]);
    clock.advance(1);
    clock.advance(TEN_MINUTES_MS);
    expect(used).toEqual(['second']);
  });

  test('keeps the one in use while the files cannot be used', () => {
    const { clock, used, disk } = watch();
    disk.load = () => {
      throw new Error('half written');
    };
    clock.advance(TEN_MINUTES_MS);
    disk.load = () => named('second');
    clock.advance(TEN_MINUTES_MS);
    expect(used).toEqual(['second']);
  });

  test('stops when closed', () => {
    const { clock, watching } = watch();
    watching.close();
    expect(clock.pendingCount).toBe(0);
  });
});
