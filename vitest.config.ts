import { pathToFileURL } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [
    {
      // SQL is imported as text, as esbuild's loader does for the bundled functions.
      name: 'sql',
      transform: (code, id) =>
        id.endsWith('.sql') ? { code: `export default ${JSON.stringify(code)}`, map: null } : undefined,
    },
    {
      // A font is imported as the path of its file, as esbuild's loader gives it.
      name: 'ttf',
      enforce: 'pre',
      load: (id) =>
        id.endsWith('.ttf') ? `export default ${JSON.stringify(pathToFileURL(id).href)}` : undefined,
    },
  ],
  test: {
    // Written for bundlers: Node alone cannot import it.
    server: { deps: { inline: ['dt-sql-parser'] } },
    include: ['test/**/*.test.ts'],
    reporters: ['default', './test/support/machine-coverage.ts'],
    globalSetup: 'test/support/global-setup.ts',
    // The first test of a file that needs the stack also starts it.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    // Tests wait more than they compute. By default, two cores get one worker.
    maxWorkers: '100%',
  },
});
