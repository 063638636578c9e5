/**
 * Finds names that look like settings but are not honoured: docker-jitsi-meet knows thousands of
 * combinations, and a setting that does nothing must say so instead of being silently ignored.
 */
import { JITSI_NAMES } from './jitsi-names.ts';
import { SCHEMA } from './schema.ts';
import type { SettingProblem } from './setting-problem.ts';

/** Beginnings that only mean us; everything else in an environment may belong to someone else. */
const PREFIX =
  /^(JVB|JICOFO|XMPP|JIGASI|JIBRI|PROSODY|JWT|LDAP|OIDC|TURN|TURNS|LETSENCRYPT|VISITORS|WEB|CONCLAVE|P2P|VIDEOQUALITY|RTCSTATS|OCTO|MUC|WEBHOOK|AUDIT|ADMIN)_|^(ENABLE|DISABLE|START)_(?=[A-Z])/;

/** Settings of plugins (docs/plugins.md). */
const OF_PLUGINS = /^PLUGIN_/;

/** For our own hooks and tools, which are not settings. */
const NOT_SETTINGS = new Set(['CONCLAVE_TEST_HOOKS']);

const MAX_WARNINGS = 100;

/**
 * `environment` may hold anything, so there only names with our prefixes count; in our own file
 * every name counts.
 */
export function findUnknownNames(
  environment: Readonly<Record<string, string | undefined>>,
  file: Readonly<Record<string, string | undefined>> = {},
): SettingProblem[] {
  const names = new Set(Object.keys(file));
  for (const name of Object.keys(environment)) if (PREFIX.test(name)) names.add(name);
  const warnings: SettingProblem[] = [];
  for (const name of [...names].sort()) {
    if (name in SCHEMA || NOT_SETTINGS.has(name) || OF_PLUGINS.test(name)) continue;
    if (warnings.length === MAX_WARNINGS) break;
    warnings.push({ name, message: explain(name) });
  }
  return warnings;
}

function explain(name: string): string {
  const known = JITSI_NAMES[name];
  if (known?.status === 'later') {
    return `${name} is known to docker-jitsi-meet but not yet honoured here; it has no effect.`;
  }
  if (known !== undefined) {
    return `${name} is known to docker-jitsi-meet but not needed here: ${known.because}. Remove it.`;
  }
  const nearest = nearestName(name);
  return nearest === undefined
    ? `${name} is not a setting; it has no effect.`
    : `${name} is not a setting; did you mean ${nearest}?`;
}

/** The honoured name within an edit distance of a third of its length, if any. */
function nearestName(name: string): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.min(4, Math.ceil(name.length / 3));
  for (const candidate of Object.keys(SCHEMA)) {
    const distance = editDistance(name, candidate);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      next[j] = Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, (row[j - 1] ?? 0) + change);
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
