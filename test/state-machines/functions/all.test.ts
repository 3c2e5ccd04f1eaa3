import { existsSync, readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { sharedFunctions } from '../../../cdk/definitions.ts';
import { allMachines } from '../machines.ts';

const files = readdirSync('state-machines/functions').map((file) => file.replace('.jsonata', ''));

it.each(files)('%s has tests of its own', (file) => {
  expect(existsSync(new URL(`${file}.test.ts`, import.meta.url))).toBe(true);
});

it.each(Object.entries(sharedFunctions()))('%s is used, by a machine or another function', (name, text) => {
  const users = [...allMachines.map(([, , machine]) => machine), ...Object.values(sharedFunctions())];
  expect(users.some((user) => user !== text && (user.includes(`\${${name}}`) || user.includes(text)))).toBe(
    true,
  );
});
