import { describe, expect, it } from 'vitest';
import { checkDefinition, type MachineType } from '../../../local/step-functions/definition/check.ts';
import { passing } from './harness.ts';
import { eachOf } from './maps.ts';

const getObject = 'arn:aws:states:::s3:getObject';
const putObject = 'arn:aws:states:::s3:putObject';
const place = { Bucket: 'data', Key: 'items' };

/** What is found in a Distributed Map with these fields. */
function findings(fields: object, type: MachineType = 'STANDARD'): string[] {
  const states = eachOf(passing('$states.input'), { ...fields });
  const definition = JSON.stringify({ QueryLanguage: 'JSONata', StartAt: 'Each', States: states });
  return checkDefinition(definition, type).map(({ message, location }) => `${message} at ${location}`);
}

describe('a Distributed Map', () => {
  it('may have all that belongs to it', () => {
    const fields = {
      ItemReader: {
        Resource: getObject,
        Arguments: place,
        ReaderConfig: { InputType: 'JSONL', MaxItems: 5 },
      },
      ItemBatcher: { MaxItemsPerBatch: 10 },
      ItemSelector: { value: '{% $states.context.Map.Item.Value %}' },
      ResultWriter: { Resource: putObject, Arguments: { Bucket: 'data', Prefix: 'results' } },
      MaxConcurrency: 20,
      ToleratedFailurePercentage: 5,
    };
    expect(findings(fields)).toEqual([]);
  });

  it.each([
    [{ Label: 'x'.repeat(41) }, 'Label cannot exceed 40 characters at /States/Each/Label'],
    [{ Label: '' }, 'Label cannot be empty at /States/Each/Label'],
    [{ Label: 'a"b' }, `Label contains invalid character: '"' at /States/Each/Label`],
    [{ ToleratedFailurePercentage: 101 }, 'Maximum value is 100 at /States/Each/ToleratedFailurePercentage'],
    [{ ToleratedFailureCount: -1 }, 'Minimum value is 0 at /States/Each/ToleratedFailureCount'],
    [
      { ItemReader: { Resource: 'arn:aws:states:::s3:headObject', Arguments: place } },
      `The field 'Resource' should have one of these values: [${getObject}, arn:aws:states:::s3:listObjectsV2] at /States/Each/ItemReader/Resource`,
    ],
    [
      { ItemReader: { Resource: getObject, Arguments: place, ReaderConfig: { InputType: 'PARQUET' } } },
      "The field 'InputType' should have one of these values: [CSV, JSON, JSONL, MANIFEST] at /States/Each/ItemReader/ReaderConfig/InputType",
    ],
    [
      {
        ItemReader: {
          Resource: getObject,
          Arguments: place,
          ReaderConfig: { InputType: 'JSON', MaxItems: 100_000_001 },
        },
      },
      'Maximum value is 100000000 at /States/Each/ItemReader/ReaderConfig/MaxItems',
    ],
    [
      {
        ItemReader: {
          Resource: getObject,
          Arguments: place,
          ReaderConfig: { InputType: 'CSV', CSVHeaderLocation: 'GIVEN' },
        },
      },
      'These fields are required: [CSVHeaders] at /States/Each/ItemReader/ReaderConfig',
    ],
    [
      { ItemBatcher: { BatchInput: {} } },
      'At least one of these fields is required: [MaxItemsPerBatch, MaxInputBytesPerBatch] at /States/Each/ItemBatcher',
    ],
    [
      { ItemBatcher: { MaxItemsPerBatchPath: '$.n' } },
      "The QueryLanguage is set to 'JSONata', but field 'MaxItemsPerBatchPath' is only supported for the 'JSONPath' QueryLanguage at /States/Each/ItemBatcher",
    ],
    [{ ResultWriter: {} }, 'These fields are required: [Resource] at /States/Each/ResultWriter'],
    [
      { ResultWriter: { WriterConfig: { Transformation: 'ZIP', OutputType: 'JSON' } } },
      "The field 'Transformation' should have one of these values: [NONE, COMPACT, FLATTEN] at /States/Each/ResultWriter/WriterConfig/Transformation",
    ],
    [
      { ResultWriter: { Resource: putObject, Arguments: { Bucket: '{% bucket %}' } } },
      "Reference to 'bucket' at the top level is not supported. at /States/Each/ResultWriter/Arguments/Bucket",
    ],
  ])('with %j is refused', (fields, finding) => {
    expect(findings(fields)).toEqual([finding]);
  });

  it('with Express children may not wait for a token in them', () => {
    const Resource = 'arn:aws:states:::lambda:invoke.waitForTaskToken';
    const states = eachOf({ Ask: { Type: 'Task', Resource, End: true } }, { ExecutionType: 'EXPRESS' });
    const definition = { QueryLanguage: 'JSONata', StartAt: 'Each', States: states };
    expect(checkDefinition(JSON.stringify(definition), 'STANDARD')).toMatchObject([
      { message: "Express state machine does not support '.waitForTaskToken' service integration " },
    ]);
  });

  it('may use the names of outer variables for its own', () => {
    const child = { Remember: { Type: 'Pass', Assign: { word: 1 }, End: true } };
    const states = { First: { Type: 'Pass', Assign: { word: 0 }, Next: 'Each' }, ...eachOf(child) };
    const definition = { QueryLanguage: 'JSONata', StartAt: 'First', States: states };
    expect(checkDefinition(JSON.stringify(definition), 'STANDARD')).toEqual([]);
  });
});

describe('an inline Map', () => {
  it('has no use for what belongs to a Distributed one', () => {
    const ItemProcessor = { StartAt: 'Pass', States: passing('$states.input') };
    expect(findings({ ItemProcessor, Label: 'Each' })).toEqual([
      "Field 'Label' is only supported with the mode DISTRIBUTED at /States/Each/Label",
    ]);
  });
});
