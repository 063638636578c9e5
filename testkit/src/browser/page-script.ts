/** Turns a TypeScript file into a script for a page. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { SignedMediaOptions } from '../page/sign-media.ts';

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

/** What a page must run first, so that its camera and microphone are signed. */
export async function signedMediaScript(media: SignedMediaOptions): Promise<string> {
  const script = await pageScript(new URL('../page/index.ts', import.meta.url));
  return `${script}\nwindow.signedMedia.signMedia(${JSON.stringify(media)});`;
}
