// Lets scripts import SQL as text and fonts by their path, as tests and bundles do: node --import ./test/support/sql-hook.ts …
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

registerHooks({
  load: (url, context, next) => {
    const value = url.endsWith('.sql')
      ? readFileSync(new URL(url), 'utf8')
      : url.endsWith('.ttf')
        ? url
        : undefined;
    if (value === undefined) return next(url, context);
    return { format: 'module', shortCircuit: true, source: `export default ${JSON.stringify(value)}` };
  },
});
