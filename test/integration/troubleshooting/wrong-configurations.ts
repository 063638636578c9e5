/**
 * Configurations that are wrong, and what the server says about each. One table serves the test that
 * tries them all (`wrong-configurations.test.ts`) and docs/troubleshooting.md (`write-docs.ts`).
 */
import { DIRECTORY_CERTIFICATES, DIRECTORY_SETTINGS, DIRECTORY_UNAVAILABLE } from './directory.ts';
import { GENERAL, MACHINE, WITHOUT_EFFECT } from './general.ts';
import { PROVIDER_SETTINGS, PROVIDER_UNAVAILABLE } from './provider.ts';
import { REFUSED_TOKENS, TOKEN_SETTINGS } from './tokens.ts';
import type { Section } from './wrong-configuration.ts';

/** In the order of the document. */
export const SECTIONS: readonly Section[] = [
  GENERAL,
  TOKEN_SETTINGS,
  DIRECTORY_SETTINGS,
  PROVIDER_SETTINGS,
  MACHINE,
  DIRECTORY_CERTIFICATES,
  WITHOUT_EFFECT,
  DIRECTORY_UNAVAILABLE,
  PROVIDER_UNAVAILABLE,
  REFUSED_TOKENS,
];
