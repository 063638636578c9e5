/** Writes docs/troubleshooting.md: `node --import tsx test/integration/troubleshooting/write-docs.ts`. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SECTIONS } from './wrong-configurations.ts';

export const PAGE = new URL('../../../docs/troubleshooting.md', import.meta.url);

export function writeTroubleshooting(): string {
  let out = `# When something is wrong

Generated from \`test/integration/troubleshooting/wrong-configurations.ts\`, whose every line is tried by a test; do not edit. To write it again:
\`node --import tsx test/integration/troubleshooting/write-docs.ts\`.

A message of the server names the setting and the remedy. Wrong values stop the start, and all of them are listed at once. What only shows when others are asked (a directory, a
provider, a key server) is in the log (\`journalctl\`, \`docker logs\`, or wherever standard error goes), under events that begin with \`access.\`; a meeting that goes on is never
disturbed by it. \`node dist/conclave.js doctor\`, in the folder of the server's \`.env\`, looks at settings, certificate, ports, addresses, clock and everybody who is asked at log-ins, and says the same
with the remedies at once, before the server runs or beside it (an exit code of 1 means a problem). For tokens, \`conclave token explain TOKEN\` shows every claim with what is expected and what came.
`;
  for (const { title, shownBy, entries } of SECTIONS) {
    out += `\n## ${title}\n\nShown by ${shownBy}.\n\n| what is wrong | setting | the message says |\n|---|---|---|\n`;
    for (const { what, setting, says } of entries) {
      const name = setting.startsWith('{') ? 'CONFIG' : setting;
      out += `| ${what} | \`${name}\` | ${says.replaceAll('|', '\\|')} |\n`;
    }
  }
  return out;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(PAGE, writeTroubleshooting());
}
