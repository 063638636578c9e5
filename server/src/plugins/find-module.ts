/** From a name in XMPP_MODULES to a file: `CONFIG/plugins/NAME.mjs`, `.js`, `.ts`, or a package there. */
import { existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { extname, join, sep } from 'node:path';

const EXTENSIONS = ['.mjs', '.js', '.ts'];

/** Absolute path; undefined when there is no such file or package. Never leads out of the folder. */
export function findModule(folder: string, name: string): string | undefined {
  if (!/^(?:@[\w-]+\/)?[\w-][\w.-]*(?:\/[\w-][\w.-]*)*$/.test(name)) return undefined;
  const place = join(folder, name);
  if (!place.startsWith(folder + sep)) return undefined;
  const names = EXTENSIONS.includes(extname(name))
    ? [place]
    : EXTENSIONS.flatMap((extension) => [place + extension, join(place, `index${extension}`)]);
  const file = names.find((path) => existsSync(path) && statSync(path).isFile());
  if (file !== undefined) return file;
  const installed = join(folder, 'node_modules', name);
  if (!existsSync(installed)) return undefined;
  try {
    return createRequire(join(folder, 'plugin.js')).resolve(name);
  } catch {
    // No entry for `require`; one for `import` may still be there.
    return entryOf(installed);
  }
}

function entryOf(packageFolder: string): string | undefined {
  const path = join(packageFolder, 'index.mjs');
  return existsSync(path) ? path : undefined;
}
