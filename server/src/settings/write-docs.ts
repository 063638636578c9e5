/** `node --import tsx server/src/settings/write-docs.ts`: writes env.example and docs/settings.md. */
import { writeFileSync } from 'node:fs';
import { writeEnvExample, writeSettingsPage } from './docs.ts';

const root = new URL('../../../', import.meta.url);
writeFileSync(new URL('env.example', root), writeEnvExample());
writeFileSync(new URL('docs/settings.md', root), writeSettingsPage());
