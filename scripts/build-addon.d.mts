/** Types of build-addon.mjs for callers in TypeScript. */
export function buildSharedObject(
  output: string,
  sources: readonly string[],
  headers: readonly string[],
  flags: readonly string[],
  libraries?: readonly string[],
): boolean;
export function buildAddon(options?: { readonly sanitize?: boolean }): {
  readonly output: string;
  readonly built: boolean;
};
/** Absolute paths. */
export function addonFiles(): {
  readonly folder: string;
  readonly sources: readonly string[];
  readonly headers: readonly string[];
};
