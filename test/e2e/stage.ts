/** What every story needs: a server, a browser, a site for foreign clients; evidence when it fails. */
import { fileURLToPath } from 'node:url';
import { ChromiumDriver } from '@conclave/testkit/browser';
import { ConclaveServer, type ServerOptions, type StaticSite } from '@conclave/testkit/server';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { startLjmSite } from './ljm/ljm-client.ts';

const OUTPUT = fileURLToPath(new URL('../../test-output/e2e/', import.meta.url));

export interface Stage {
  readonly server: ConclaveServer;
  readonly browser: ChromiumDriver;
  readonly ljmSite: StaticSite;
}

/**
 * Starts everything before the tests of a file and ends it after them; participants end after each
 * test. After a failed one screenshots, statistics, consoles and the server's log are in `test-output/`.
 */
export function useStage(options: ServerOptions = {}): Stage {
  let server: ConclaveServer | undefined;
  let browser: ChromiumDriver | undefined;
  let ljmSite: StaticSite | undefined;
  const need = <T>(thing: T | undefined): T => {
    if (thing === undefined) throw new Error('the stage is not set');
    return thing;
  };

  beforeAll(async () => {
    server = await ConclaveServer.start(options);
    browser = await ChromiumDriver.launch();
    ljmSite = await startLjmSite(server.url);
  });

  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') {
      const folder = `${OUTPUT}${task.name.replaceAll(/[^\w]+/g, '-').slice(0, 80)}`;
      await browser?.dump(folder);
      server?.dump(folder);
    }
    await browser?.closeParticipants();
  });

  afterAll(async () => {
    await browser?.close();
    await ljmSite?.close();
    await server?.stop();
  });

  return {
    get server() {
      return need(server);
    },
    get browser() {
      return need(browser);
    },
    get ljmSite() {
      return need(ljmSite);
    },
  };
}
