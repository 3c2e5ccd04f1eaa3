import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stage, startStage } from './overlay-run.ts';
import { runOnce } from './property.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage?.stop());

test('an overlay and its restore give every document back that nobody else touched, whatever fails meanwhile', async () => {
  for (let seed = 1; seed <= 60; seed++) expect(await runOnce(stage, seed), `seed ${seed}`).toEqual([]);
});
