/** Writes docs/openapi.json: `node --import tsx server/src/admin/write-openapi.ts`. */
import { writeFileSync } from 'node:fs';
import { openApi } from './openapi.ts';

const FILE = new URL('../../../docs/openapi.json', import.meta.url);

writeFileSync(FILE, `${JSON.stringify(openApi(), undefined, 2)}\n`);
