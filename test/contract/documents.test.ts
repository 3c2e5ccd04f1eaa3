import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (path: string) => readFileSync(path, 'utf8');
const errors: Record<string, object> = JSON.parse(read('contract/errors.json'));
const { $defs } = JSON.parse(read('contract/request.schema.json'));
const eventSchema = JSON.parse(read('contract/event.schema.json'));

it('has plain words for every error of a task, and tells whether a redrive can help', () => {
  const thrown = [...read('tasks/lib/errors.ts').matchAll(/name = '(\w+)'/g)].map((match) => match[1]!);
  expect(thrown.length).toBeGreaterThan(5);
  expect(thrown.filter((name) => !(name in errors))).toEqual([]);
});

it('explains every error in the runbook', () => {
  const runbook = read('docs/operations.md');
  const known = Object.keys(errors).filter((name) => name !== 'States.ALL');
  expect(known.filter((name) => !runbook.includes(`\`${name}\``))).toEqual([]);
});

const parameters = Object.keys($defs).filter((name) => name.endsWith('Parameters'));

it.each(parameters)('documents each of %s with its default', (definition) => {
  const report = definition
    .replace('Parameters', '')
    .replaceAll(/\B[A-Z]/g, '_$&')
    .toLowerCase()
    // A custom report of this type. Those of the other type have their own section.
    .replace('all_npcases', 'custom');
  const section = read('docs/rails.md').split(`\n### ${report}\n`)[1]?.split('\n#')[0] ?? '';
  for (const [name, { default: value }] of Object.entries<{ default?: unknown }>(
    $defs[definition].properties,
  )) {
    const row = section.split('\n').find((line) => line.startsWith('|') && line.includes(`\`${name}\``));
    expect(row, name).toBeDefined();
    const words = typeof value === 'string' ? value : JSON.stringify(value);
    if (value !== undefined) expect(row).toContain(`\`${words}\``);
  }
});

it('documents every event and every reason of a refusal', () => {
  const page = read('docs/rails.md');
  const reasons: string[] = eventSchema.$defs.Refused.properties.reason.enum;
  const types: string[] = eventSchema.properties.eventType.enum;
  expect([...types, ...reasons].filter((word) => !page.includes(`\`${word}\``))).toEqual([]);
});
