// Lets scripts import SQL as text, as tests and bundles do: node --import ./test/support/sql-hook.ts …
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

registerHooks({
  load: (url, context, next) =>
    url.endsWith('.sql')
      ? {
          format: 'module',
          shortCircuit: true,
          source: `export default ${JSON.stringify(readFileSync(new URL(url), 'utf8'))}`,
        }
      : next(url, context),
});
