import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { startStepFunctions } from '../../../local/step-functions/server.ts';
import scores from './conformance-scores.json' with { type: 'json' };

/** Percent of the checks of a suite, rounded down: of outcomes, and of histories where the suite has any. */
type Score = { outcome: number; history?: number };
type Summary = { checks: number; outcome: number; histories: number; history: number };

/** Where the runner brings its own Lambda and S3. */
const ports: Record<string, number> = { lambda: 19001, s3: 19002 };

/** Runs all recorded cases of a folder against an emulator of its own, and gives the score by suite. */
async function scoresOf(folder: string): Promise<Record<string, Score>> {
  const stepFunctions = await startStepFunctions({
    clients: (_, service) => (ports[service] ? { endpoint: `http://127.0.0.1:${ports[service]}` } : {}),
  });
  const results = await mkdtemp(join(tmpdir(), 'conformance-'));
  try {
    const json = join(results, 'result.json');
    const flags = ['--endpoint', stepFunctions.endpoint, '--json', json, '--modules', process.cwd()];
    const command = ['--no-warnings', join(folder, 'run.mjs'), ...flags, '--quiet'];
    await promisify(execFile)(process.execPath, command, { maxBuffer: 2 ** 26 });
    const { summary } = JSON.parse(await readFile(json, 'utf8')) as {
      summary: { suites: Record<string, Summary> };
    };
    return Object.fromEntries(
      Object.entries(summary.suites).map(([suite, counts]) => [suite, score(counts)]),
    );
  } finally {
    await stepFunctions.close();
    await rm(results, { recursive: true });
  }
}

function score({ outcome, checks, history, histories }: Summary): Score {
  const percent = (part: number, whole: number) => Math.floor((100 * part) / whole);
  return {
    outcome: percent(outcome, checks),
    ...(histories > 0 && { history: percent(history, histories) }),
  };
}

describe('the executions recorded from AWS', () => {
  it('have a score to hold for each suite, in percent', () => {
    for (const { outcome, history = 0 } of Object.values<Score>(scores))
      expect([outcome, history].every((percent) => percent >= 0 && percent <= 100)).toBe(true);
  });

  const folder = process.env.STEP_FUNCTIONS_CONFORMANCE;
  if (folder)
    // Some recordings are of time limits, which a machine busy with other tests can miss once.
    it('are repeated as well as before', { timeout: 600_000, retry: 1 }, async () => {
      const reached = await scoresOf(folder);
      const worse = Object.entries<Score>(scores).filter(([suite, { outcome, history = 0 }]) => {
        const now = reached[suite];
        return now && (now.outcome < outcome || (now.history ?? 100) < history);
      });
      expect(Object.fromEntries(worse.map(([suite]) => [suite, reached[suite]]))).toEqual({});
    });
});
