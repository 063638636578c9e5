/** Writes docs/prosody-modules.md; run it after a change of prosody-modules.ts. */
import { writeFileSync } from 'node:fs';
import { prosodyModulesPage } from './prosody-modules.ts';

writeFileSync(new URL('../../../docs/prosody-modules.md', import.meta.url), prosodyModulesPage());
