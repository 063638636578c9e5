/** Writes env.example and docs/settings.md from the schema, so that they cannot disagree with the code. */
import { JITSI_NAMES } from './jitsi-names.ts';
import { SCHEMA } from './schema.ts';
import type { Setting } from './setting.ts';

type Entry = readonly [name: string, setting: Setting<unknown>];

function entriesByGroup(): Map<string, Entry[]> {
  const groups = new Map<string, Entry[]>();
  for (const entry of Object.entries<Setting<unknown>>(SCHEMA)) {
    const group = groups.get(entry[1].group) ?? [];
    group.push(entry);
    groups.set(entry[1].group, group);
  }
  return groups;
}

/** The sample file: every setting, commented out, with its default. */
export function writeEnvExample(): string {
  let out =
    '# Settings of Conclave. Copy to .env and uncomment what you change; the environment wins over the file.\n' +
    '# Generated from server/src/settings/schema.ts; all settings are described in docs/settings.md.\n';
  for (const [group, entries] of entriesByGroup()) {
    out += `\n# ${group}\n`;
    for (const [name, setting] of entries) {
      out += `\n# ${setting.sentence}\n# ${capitalise(setting.kind)}.\n#${name}=${setting.defaultText}\n`;
    }
  }
  return out;
}

/** The page: honoured settings in full, then what became of every name of docker-jitsi-meet. */
export function writeSettingsPage(): string {
  let out = `# Settings

Generated from \`server/src/settings/schema.ts\`; do not edit. To write it again:
\`node --import tsx server/src/settings/write-docs.ts\`.

Settings come from the environment, or from a file \`.env\` in the working directory; the environment wins. None is
needed. A wrong value stops the start and says why; a name that is not honoured is reported at the start. Names
are those of docker-jitsi-meet where it has one. An empty value counts as not set.
`;
  for (const [group, entries] of entriesByGroup()) {
    out += `\n## ${group}\n\n| name | default | value | meaning |\n|---|---|---|---|\n`;
    for (const [name, setting] of entries) {
      const fallback = setting.defaultText === '' ? 'none' : `\`${setting.defaultText}\``;
      out += `| \`${name}\` | ${fallback} | ${setting.kind} | ${setting.sentence} |\n`;
    }
  }
  out += `\n## Names of docker-jitsi-meet\n\nEvery name that its README documents or its compose files pass on, as of August 2026.\n`;
  out += `\n### Honoured\n\n${nameList(Object.keys(JITSI_NAMES).filter((name) => name in SCHEMA))}\n`;
  out += '\nOnly here, not in docker-jitsi-meet: ';
  out += `${nameList(Object.keys(SCHEMA).filter((name) => !(name in JITSI_NAMES)))}\n`;
  out += `\n### Not yet\n\n${nameList(namesThat('later'))}\n\n### Not needed\n`;
  const reasons = new Map<string, string[]>();
  for (const name of namesThat('notNeeded')) {
    const entry = JITSI_NAMES[name];
    if (entry?.status !== 'notNeeded') continue;
    const names = reasons.get(entry.because) ?? [];
    names.push(name);
    reasons.set(entry.because, names);
  }
  for (const [because, names] of reasons) {
    out += `\n${capitalise(because)}: ${nameList(names)}\n`;
  }
  return out;
}

function namesThat(status: 'later' | 'notNeeded'): string[] {
  return Object.keys(JITSI_NAMES).filter(
    (name) => !(name in SCHEMA) && JITSI_NAMES[name]?.status === status,
  );
}

function nameList(names: readonly string[]): string {
  return [...names]
    .sort()
    .map((name) => `\`${name}\``)
    .join(', ');
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
