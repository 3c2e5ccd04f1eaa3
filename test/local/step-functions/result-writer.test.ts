import { describe, expect, it } from 'vitest';
import { passing } from './harness.ts';
import { eachOf, startMapHarness, startS3 } from './maps.ts';

const twice = passing('[$states.input, $states.input]');
const picky = {
  Look: {
    Type: 'Choice',
    Choices: [{ Condition: '{% $states.input > 2 %}', Next: 'Refuse' }],
    Default: 'Take',
  },
  Refuse: { Type: 'Fail', Error: 'TooBig', Cause: 'It is too big' },
  Take: { Type: 'Pass', End: true },
};

/** Runs a Distributed Map that writes to S3, and reads what it wrote; keys are relative to the Map Run's folder. */
async function write(states: object, input: unknown, WriterConfig?: object, fields: object = {}) {
  await using s3 = await startS3();
  await using harness = await startMapHarness(s3.options);
  const ResultWriter = {
    Resource: 'arn:aws:states:::s3:putObject',
    Arguments: { Bucket: 'data', Prefix: '{% "results" %}' },
    ...(WriterConfig && { WriterConfig }),
  };
  const outcome = await harness.run(eachOf(states, { ResultWriter, ...fields }), input);
  const mapRun = await harness.mapRunOf(outcome.executionArn);
  const folder = `results/${mapRun.mapRunArn!.split(':').at(-1)}`;
  const files = new Map<string, string>();
  for (const key of await s3.keys()) files.set(key.replace(`${folder}/`, ''), await s3.text(key));
  return { ...outcome, mapRun, folder, files };
}

describe('a ResultWriter', () => {
  it('leaves its manifest in the place of the results', async () => {
    const { output, mapRun, folder } = await write(twice, [1]);
    expect(output).toEqual({
      MapRunArn: mapRun.mapRunArn,
      ResultWriterDetails: { Bucket: 'data', Key: `${folder}/manifest.json` },
    });
  });

  it('names its files in the manifest', async () => {
    const { files, folder, mapRun } = await write(twice, [1]);
    expect([...files.keys()].toSorted()).toEqual(['SUCCEEDED_0.json', 'manifest.json']);
    expect(JSON.parse(files.get('manifest.json')!)).toEqual({
      DestinationBucket: 'data',
      MapRunArn: mapRun.mapRunArn,
      ResultFiles: {
        FAILED: [],
        PENDING: [],
        SUCCEEDED: [{ Key: `${folder}/SUCCEEDED_0.json`, Size: files.get('SUCCEEDED_0.json')!.length }],
      },
    });
  });

  it('writes whole executions unless told otherwise', async () => {
    const { files } = await write(twice, [1]);
    const date = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(JSON.parse(files.get('SUCCEEDED_0.json')!)).toEqual([
      {
        ExecutionArn: expect.stringContaining('/Each:'),
        Input: '1',
        InputDetails: { Included: true },
        Name: expect.any(String),
        Output: '[1,1]',
        OutputDetails: { Included: true },
        RedriveCount: 0,
        RedriveStatus: 'NOT_REDRIVABLE',
        RedriveStatusReason: 'Execution is SUCCEEDED and cannot be redriven',
        StartDate: date,
        StateMachineArn: expect.stringMatching(/\/Each$/),
        Status: 'SUCCEEDED',
        StopDate: date,
      },
    ]);
  });

  it.each([
    ['COMPACT', 'JSON', 'SUCCEEDED_0.json', '[[1,1],[2,2]]'],
    ['FLATTEN', 'JSON', 'SUCCEEDED_0.json', '[1,1,2,2]'],
    ['COMPACT', 'JSONL', 'SUCCEEDED_0.jsonl', '[1,1]\n[2,2]\n'],
    ['FLATTEN', 'JSONL', 'SUCCEEDED_0.jsonl', '1\n1\n2\n2\n'],
  ])('writes %s %s', async (Transformation, OutputType, name, text) => {
    const { files } = await write(twice, [1, 2], { Transformation, OutputType });
    expect(files.get(name)).toBe(text);
  });

  it('writes what failed and what did not begin, when the Map Run fails', async () => {
    const { files, error } = await write(
      picky,
      [1, 3, 2],
      { Transformation: 'COMPACT', OutputType: 'JSON' },
      {
        MaxConcurrency: 1,
      },
    );
    expect(error).toBe('States.ExceedToleratedFailureThreshold');
    expect(JSON.parse(files.get('FAILED_0.json')!)).toEqual([
      expect.objectContaining({ Status: 'FAILED', Error: 'TooBig', RedriveStatus: 'REDRIVABLE_BY_MAP_RUN' }),
    ]);
    expect(JSON.parse(files.get('PENDING_0.json')!)).toEqual([
      { Input: '2', InputDetails: { Included: true }, Status: 'PENDING' },
    ]);
    expect(files.get('SUCCEEDED_0.json')).toBe('[1]');
  });

  it('counts what it has written', async () => {
    const { mapRun } = await write(twice, [1, 2]);
    expect(mapRun.executionCounts?.resultsWritten).toBe(2);
  });

  it('that cannot write fails the Map Run', async () => {
    const ResultWriter = {
      Resource: 'arn:aws:states:::s3:putObject',
      Arguments: { Bucket: 'nowhere', Prefix: 'results' },
    };
    const { error, types } = await write(twice, [1], undefined, { ResultWriter });
    expect(error).toBe('States.ResultWriterFailed');
    expect(types).toContain('MapRunFailed');
  });
});
