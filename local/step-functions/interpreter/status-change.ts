import type { StatusChangeEvent } from '../settings.ts';
import type { Execution } from './execution.ts';
import { redriveStatusOf } from './redrive.ts';

/** Bytes of escaped input and output above which the event leaves them out, the input first (248 KiB). */
const largestEventData = 248 * 1024;

/** Makes the EventBridge event for the current status of an execution. */
export function statusChangeOf(execution: Execution): StatusChangeEvent {
  const { region, accountId, clock, randomUUID } = execution.settings;
  const { executionArn, input, output } = execution;
  const outputIncluded = escapedSize(output) <= largestEventData;
  const inputIncluded = escapedSize(input) + escapedSize(output) <= largestEventData;
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Step Functions Execution Status Change',
    source: 'aws.states',
    account: accountId,
    time: new Date(clock()).toISOString().replace(/\.\d+/, ''),
    region,
    resources: [executionArn],
    detail: {
      executionArn,
      stateMachineArn: execution.machine.stateMachineArn,
      name: execution.name,
      status: execution.status,
      startDate: execution.startDate,
      stopDate: execution.stopDate ?? null,
      input: inputIncluded ? input : null,
      inputDetails: { included: inputIncluded },
      output: outputIncluded ? (output ?? null) : null,
      outputDetails: output === undefined ? null : { included: outputIncluded },
      stateMachineVersionArn: null,
      stateMachineAliasArn: null,
      redriveCount: execution.redriveCount,
      redriveDate: execution.redriveDate ?? null,
      redriveStatusReason: null,
      ...redriveStatusOf(execution),
      error: execution.error ?? null,
      cause: execution.cause ?? null,
    },
  };
}

function escapedSize(text: string | undefined): number {
  return text === undefined ? 0 : Buffer.byteLength(JSON.stringify(text));
}
