import { isTimestamp } from '../definition/language.ts';
import type { StateRun } from '../interpreter/state-run.ts';
import { delay } from '../timers.ts';
import { leave } from './ends.ts';
import type { Exit } from './index.ts';

/** Waits for seconds or until a time, scaled. A time in the past does not wait. */
export async function runWait(run: StateRun): Promise<Exit> {
  const { settings } = run.flow.execution;
  const { Seconds, Timestamp } = await run.evaluate({
    Seconds: run.state.Seconds,
    Timestamp: run.state.Timestamp,
  });
  const seconds = run.count('Seconds', Seconds, 0, run.state.Seconds);
  let milliseconds = (seconds ?? 0) * 1000;
  if (Timestamp !== undefined) {
    const time = run.typed('Timestamp', Timestamp, 'string', run.state.Timestamp!) as string;
    if (!isTimestamp(time))
      throw run.evaluationError(
        'Timestamp',
        `The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: ${time}`,
        { afterEntry: true },
      );
    milliseconds = Date.parse(time) - settings.clock();
  }
  await delay(milliseconds * settings.waitTimeScale, run.flow.signal);
  return leave(run);
}
