/**
 * Imports a plugin's file. TypeScript is imported as it is where Node.js can (22.18 and newer), and else
 * bundled by esbuild, which is there when the server was built on this machine.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { StartError } from '../errors.ts';

interface Bundler {
  build(options: Readonly<Record<string, unknown>>): Promise<{
    readonly outputFiles: readonly { readonly contents: Uint8Array }[];
  }>;
}

/** A build-time dependency of this project, so it may be missing where it runs; hence not a plain import. */
const BUNDLER = 'esbuild';

export async function importModule(path: string): Promise<unknown> {
  if (!path.endsWith('.ts') || hasTypeStripping()) return import(pathToFileURL(path).href);
  let bundler: Bundler;
  try {
    bundler = (await import(BUNDLER)) as Bundler;
  } catch (error) {
    throw new StartError(
      'PLUGIN_TYPESCRIPT_UNAVAILABLE',
      `${path} is TypeScript, which this Node.js cannot read by itself and for which esbuild is not installed. ` +
        'Compile it to JavaScript beside it (npx esbuild plugin.ts --bundle --platform=node --format=esm --outfile=plugin.mjs) and name that.',
      { cause: error },
    );
  }
  const { outputFiles } = await bundler.build({
    entryPoints: [path],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    packages: 'external',
    sourcemap: 'inline',
    logLevel: 'silent',
  });
  const contents = outputFiles[0]?.contents ?? new Uint8Array();
  // Beside its source, so that packages are found; by its contents, because imports are cached by name.
  const folder = join(dirname(path), '.built');
  const hash = createHash('sha256').update(contents).digest('hex').slice(0, 16);
  const built = join(folder, `${hash}.mjs`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!isThere(built, contents)) writeFileSync(built, contents, { mode: 0o600 });
  return import(pathToFileURL(built).href);
}

function hasTypeStripping(): boolean {
  const { features } = process as unknown as { features: { typescript?: unknown } };
  return Boolean(features.typescript);
}

function isThere(path: string, contents: Uint8Array): boolean {
  try {
    return readFileSync(path).equals(contents);
  } catch {
    return false;
  }
}
