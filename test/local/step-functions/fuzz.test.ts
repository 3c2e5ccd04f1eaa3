import { describe, expect, it } from 'vitest';
import { startFuzz } from './fuzz.ts';

const seeds = 1000;
const lanes = 16;

describe('machines, inputs and requests made by chance', () => {
  it(`never crash, hang or show the emulator's inside (${seeds} seeds)`, { timeout: 120_000 }, async () => {
    await using fuzz = await startFuzz();
    const problems: string[] = [];
    let next = 1;
    const lane = async () => {
      while (next <= seeds) problems.push(...(await fuzz.run(next++)));
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    expect(problems).toEqual([]);
  });
});
