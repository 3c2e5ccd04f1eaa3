// `npm run types`: writes contract/types.ts from the schemas. With --check, fails if the file is stale.
import { readFileSync, writeFileSync } from 'node:fs';
import { compile } from 'json-schema-to-typescript';

/** The content of contract/types.ts: the types of both schemas. */
async function generateTypes(): Promise<string> {
  const parts = ['request', 'event'].map((name) => {
    const schema = JSON.parse(readFileSync(new URL(`./${name}.schema.json`, import.meta.url), 'utf8'));
    return compile(schema, schema.title, {
      bannerComment: '',
      unreachableDefinitions: true,
      additionalProperties: false,
      ignoreMinAndMaxItems: true,
      style: { singleQuote: true, printWidth: 110 },
    });
  });
  const text = [
    '// Made from the schemas beside it by `npm run types`. Do not edit.\n',
    ...(await Promise.all(parts)),
  ].join('\n');
  // The generator adds a comment on references to a type, which is wrong here.
  return text
    .replace(/( \*\n)? \* This interface was referenced by[\s\S]*?( \*\/)/g, '$2')
    .replace(/\/\*\*\n \*\/\n/g, '');
}

if (import.meta.main) {
  const file = new URL('./types.ts', import.meta.url);
  const text = await generateTypes();
  if (!process.argv.includes('--check')) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text)
    throw new Error('contract/types.ts is stale: run `npm run types`.');
}
