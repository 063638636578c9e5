import { defineConfig } from 'vitest/config';

/**
 * The suites. `unit` needs nothing but Node (and the addon for platform tests); `integration` starts
 * real sockets and the built server; `e2e` drives Debian's Chromium.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            '{base,protocols,platform,components,clients,server,testkit,scripts}/**/*.test.{ts,tsx}',
          ],
          exclude: ['**/node_modules/**', '**/dist/**'],
          // A test that says nothing of what it expects cannot fail.
          expect: { requireAssertions: true },
          // Some play many seeds; on a busy machine that takes several times as long as usual.
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'fuzz',
          include: ['{protocols,components,clients,platform,server}/**/*.fuzz.ts'],
          exclude: ['**/node_modules/**', '**/dist/**'],
          testTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          expect: { poll: { timeout: 20_000 } },
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'e2e',
          // Browsers, encoders and a machine that others use: what fails twice is ours. `npm test` names what failed once.
          retry: 1,
          include: ['test/e2e/**/*.test.ts', 'test/interop/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
