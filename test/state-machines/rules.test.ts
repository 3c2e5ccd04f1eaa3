import { describe, expect, it } from 'vitest';
import { allMachines, type Definition } from './machines.ts';
import { rules } from './rules.ts';

describe.each(allMachines)('%s', (_, machine, text) => {
  it.each(rules)('$id: $says', async ({ check }) => {
    expect(await check(machine, text)).toEqual([]);
  });
});

describe('a definition that breaks the rule', () => {
  const [, good] = allMachines.find(([file]) => file.endsWith('single-query-report.asl.json'))!;

  it.each(rules)('$id is found: $reason', async ({ check, bad }) => {
    const machine = structuredClone(good) as Definition;
    const changed = bad(machine);
    const text = typeof changed === 'string' ? changed : JSON.stringify(machine);
    expect(await check(JSON.parse(text), text)).not.toEqual([]);
  });
});

it('every rule has an id of its own', () => {
  const ids = rules.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});
