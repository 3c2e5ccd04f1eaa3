import { sendCommand } from '../integrations/call.ts';
import { sdkApi } from '../integrations/index.ts';
import { StateError } from '../interpreter/errors.ts';
import type { StateRun } from '../interpreter/state-run.ts';

/**
 * Calls S3 for a Map Run, with the machine's role. Input and answer are those of the SDK. A refusal is thrown as an
 * error of the given name, with S3's cause.
 */
export async function callS3(
  run: StateRun,
  action: string,
  input: object,
  error: string,
): Promise<Record<string, unknown>> {
  const { execution, signal } = run.flow;
  const caller = {
    clients: execution.clients,
    roleArn: execution.machine.roleArn,
    signal,
    task: { executionArn: execution.executionArn, state: run.name },
  };
  try {
    return (await sendCommand(sdkApi('s3', action), () => input, caller)).answer;
  } catch (refusal) {
    throw refusal instanceof StateError ? new StateError(error, refusal.cause) : refusal;
  }
}
