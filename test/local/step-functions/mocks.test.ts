import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, describe, expect, it } from 'vitest';
import { startHarness, startService } from './harness.ts';

const folder = mkdtempSync(join(tmpdir(), 'mocks-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A mock configuration for the first machine of a harness. */
function mockConfig(testCase: Record<string, string>, MockedResponses: object): string {
  const path = join(folder, 'MockConfigFile.json');
  const StateMachines = { 'machine-1': { TestCases: { Case: testCase } } };
  writeFileSync(path, JSON.stringify({ StateMachines, MockedResponses }));
  return path;
}

const call = (Next: object) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: 'f' },
  Output: '{% $states.result.Payload %}',
  ...Next,
});
const busy = { Throw: { Error: 'Busy', Cause: 'much to do' } };

describe('a mocked state', () => {
  it('answers every attempt as the file says', async () => {
    const path = mockConfig(
      { Call: 'answers' },
      { answers: { '0-1': busy, '2': { Return: { Payload: 3 } } } },
    );
    await using harness = await startHarness({ mockConfig: path });
    const machine = await harness.create({ Call: call({ Retry: [{ ErrorEquals: ['Busy'] }], End: true }) });
    const { output, types } = await harness.execute(`${machine}#Case`);
    expect(output).toBe(3);
    expect(types.filter((type) => type === 'TaskFailed')).toHaveLength(2);
  });

  it('fails when its answers run out', async () => {
    const path = mockConfig({ Call: 'answers' }, { answers: { '0': busy } });
    await using harness = await startHarness({ mockConfig: path });
    const machine = await harness.create({ Call: call({ Retry: [{ ErrorEquals: ['Busy'] }], End: true }) });
    expect(await harness.execute(`${machine}#Case`)).toMatchObject({
      status: 'FAILED',
      error: 'States.Runtime',
    });
  });

  it('stands beside others that call their service', async () => {
    await using service = await startService(() => ({ body: '"real"' }));
    const path = mockConfig({ Mocked: 'answer' }, { answer: { '0': { Return: { Payload: 'mocked' } } } });
    await using harness = await startHarness({
      mockConfig: path,
      clients: () => ({ endpoint: service.endpoint }),
    });
    const states = { Mocked: call({ Next: 'Real' }), Real: call({ End: true }) };
    expect(await harness.execute(`${await harness.create(states)}#Case`)).toMatchObject({ output: 'real' });
    expect(service.requests).toHaveLength(1);
  });
});

describe('a test case', () => {
  const start = async (path: string, testCase: string) => {
    await using harness = await startHarness({ mockConfig: path });
    const stateMachineArn = `${await harness.create({ Call: call({ End: true }) })}#${testCase}`;
    return await harness.client.send(new StartExecutionCommand({ stateMachineArn }));
  };

  it('that the file does not have is an error of the server', async () => {
    const refused = start(mockConfig({}, {}), 'Other');
    await expect(refused).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
  });

  it('has to answer its attempts one after the other', async () => {
    const refused = start(mockConfig({ Call: 'answers' }, { answers: { '1': busy } }), 'Case');
    await expect(refused).rejects.toThrow(/must follow each other/);
  });
});
