/** Builds the web client to `dist/web`: one page, absolute asset addresses, nothing inline, nothing foreign. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/',
  publicDir: 'public',
  esbuild: { jsx: 'automatic' },
  build: {
    outDir: fileURLToPath(new URL('../../dist/web', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    // Data addresses would need a wider content security policy.
    assetsInlineLimit: 0,
    sourcemap: true,
  },
});
