/** Turns a TypeScript file into a script for a page. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const bundles = new Map<string, Promise<string>>();

/** The source at `url` and what it imports as one self-running script; bundled once per process. */
export function pageScript(url: URL): Promise<string> {
  const path = fileURLToPath(url);
  let bundle = bundles.get(path);
  if (bundle === undefined) {
    bundle = build({
      entryPoints: [path],
      bundle: true,
      format: 'iife',
      target: 'chrome120',
      write: false,
      logLevel: 'warning',
    }).then((result) => result.outputFiles[0]?.text ?? '');
    bundles.set(path, bundle);
  }
  return bundle;
}
