import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { passing } from './harness.ts';
import { eachOf, startMapHarness, startS3 } from './maps.ts';

const getObject = 'arn:aws:states:::s3:getObject';
const listObjects = 'arn:aws:states:::s3:listObjectsV2';

/** The items that children get from these objects; `file` is the one that is read. */
async function read(objects: Record<string, string | Buffer>, ReaderConfig: object, fields: object = {}) {
  await using s3 = await startS3(objects);
  await using harness = await startMapHarness(s3.options);
  const ItemReader = {
    Resource: getObject,
    Arguments: { Bucket: 'data', Key: '{% $states.input.key %}' },
    ReaderConfig,
  };
  return await harness.run(eachOf(passing('$states.input'), { ItemReader, ...fields }), { key: 'file' });
}

const file = async (content: string | Buffer, ReaderConfig: object, fields?: object) =>
  (await read({ file: content }, ReaderConfig, fields)).output;

describe('a CSV file', () => {
  const csv = { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' };

  it('has its header in the first row', async () => {
    expect(await file('id,name\n1,"Ann, B."\n2,\n', csv)).toEqual([
      { id: '1', name: 'Ann, B.' },
      { id: '2', name: '' },
    ]);
  });

  it('has the header that is given', async () => {
    const given = { InputType: 'CSV', CSVHeaderLocation: 'GIVEN', CSVHeaders: ['id'] };
    expect(await file('1\n2', given)).toEqual([{ id: '1' }, { id: '2' }]);
  });

  it.each([
    ['PIPE', '|'],
    ['SEMICOLON', ';'],
    ['SPACE', ' '],
    ['TAB', '\t'],
  ])('can be separated by %s', async (CSVDelimiter, delimiter) => {
    const text = `id${delimiter}name\n1${delimiter}Ann`;
    expect(await file(text, { ...csv, CSVDelimiter })).toEqual([{ id: '1', name: 'Ann' }]);
  });

  it.each([
    [
      'abc,123,"q "" x",{""MyKey"":""MyValue""},"[1,2,3]"',
      ['abc', '123', 'q " x', '{"MyKey":"MyValue"}', '[1,2,3]'],
    ],
    ['C:\\\\Dir\\\\a.exe,1,x\\,y,e\\xf,z', ['C:\\Dir\\a.exe', '1', 'x,y', 'exf', 'z']],
    ['"a,b\n\\"c\\"","",\\\\,"d"e,', ['a,b\n"c"', '', '\\', 'de', '']],
    ['\ufeffa,b,c,d,e\r\n', ['a', 'b', 'c', 'd', 'e']],
  ])('is read in the grammar of AWS: %j', async (text, fields) => {
    const CSVHeaders = ['1', '2', '3', '4', '5'];
    const given = { InputType: 'CSV', CSVHeaderLocation: 'GIVEN', CSVHeaders };
    expect(await file(text, given)).toEqual([Object.fromEntries(fields.map((value, i) => [i + 1, value]))]);
  });

  it('with a column twice cannot be read', async () => {
    const { error, cause, types } = await read({ file: 'id,id\n1,2' }, csv);
    expect([error, cause]).toEqual(['States.ItemReaderFailed', 'CSV headers cannot contain duplicates.']);
    expect(types.slice(3)).toEqual(['MapRunStarted', 'MapRunFailed', 'MapStateFailed', 'ExecutionFailed']);
  });
});

describe('a JSON file', () => {
  const json = { InputType: 'JSON' };

  it('is an array of items', async () => {
    expect(await file('[1,{"a":2}]', json)).toEqual([1, { a: 2 }]);
  });

  it('is an object of items', async () => {
    expect(await file('{"a":1}', json)).toEqual([{ Key: 'a', Value: 1 }]);
  });

  it('can hold its items deeper', async () => {
    expect(await file('{"a/b":[{"rows":[7]}]}', { ...json, ItemsPointer: '/a~1b/0/rows' })).toEqual([7]);
  });

  it('can hold an item on each line', async () => {
    expect(await file('{"a":1}\n\n{"a":2}\n', { InputType: 'JSONL' })).toEqual([{ a: 1 }, { a: 2 }]);
  });

  it('that is no JSON cannot be read', async () => {
    expect((await read({ file: 'id\n1' }, json)).error).toBe('States.ItemReaderFailed');
  });

  it.each(['{', '['.repeat(2500) + ']'.repeat(2500), '1'])('that is %.9j cannot be read', async (text) => {
    expect((await read({ file: text }, json)).error).toBe('States.ItemReaderFailed');
  });
});

describe('any file', () => {
  it('can be zipped', async () => {
    expect(await file(gzipSync('[1,2]'), { InputType: 'JSON' })).toEqual([1, 2]);
  });

  it('is read as far as MaxItems says', async () => {
    expect(await file('[1,2,3]', { InputType: 'JSON', MaxItems: '{% 1 + 1 %}' })).toEqual([1, 2]);
  });

  it('is the dataset, whatever Items says', async () => {
    expect(await file('[1]', { InputType: 'JSON' }, { Items: '{% $states.input.absent %}' })).toEqual([1]);
  });

  it('cannot have a negative MaxItems', async () => {
    await using harness = await startMapHarness();
    const ItemReader = {
      Resource: getObject,
      Parameters: { Bucket: 'data', Key: 'file' },
      ReaderConfig: { InputType: 'JSON', MaxItemsPath: '$.most' },
    };
    const states = eachOf({ P: { Type: 'Pass', End: true } }, { ItemReader, ItemsPath: '$.absent' });
    const { error, cause, types } = await harness.run(states, { most: -1 }, { QueryLanguage: undefined });
    expect([error, cause]).toEqual(['States.ItemReaderFailed', 'field MaxItems must be positive']);
    expect(types.slice(3)).toEqual(['MapRunStarted', 'MapRunFailed', 'MapStateFailed', 'ExecutionFailed']);
  });

  it('that is not the zip that it looks like cannot be read', async () => {
    const { error } = await read({ file: Buffer.from([0x1f, 0x8b, 1, 2]) }, { InputType: 'JSON' });
    expect(error).toBe('States.ItemReaderFailed');
  });

  it('is the source of its items', async () => {
    const ItemSelector = { from: '{% $states.context.Map.Item.Source %}' };
    const items = await file('[1]', { InputType: 'JSON' }, { ItemSelector });
    expect(items).toEqual([{ from: 'S3://data/file' }]);
  });

  it('that is not there cannot be read', async () => {
    const { error, cause } = await read({}, { InputType: 'JSON' });
    expect(error).toBe('States.ItemReaderFailed');
    expect(cause).toContain('The specified key does not exist. (Service: S3, Status Code: 404');
  });
});

describe('a manifest', () => {
  it('of an S3 inventory names objects', async () => {
    const inventory = {
      fileSchema: 'Bucket, Key, Size',
      destinationBucket: 'arn:aws:s3:::data',
      files: [{ key: 'part.csv.gz' }],
    };
    const objects = { file: JSON.stringify(inventory), 'part.csv.gz': gzipSync('"data","a.txt","5"\n') };
    const { output } = await read(objects, { InputType: 'MANIFEST' });
    expect(output).toEqual([{ Bucket: 'data', Key: 'a.txt', Size: '5' }]);
  });

  it('of an Athena query names files of rows', async () => {
    const objects = { file: 's3://data/1\ns3://data/2\n', 1: '{"id":1}\n', 2: '{"id":2}\n' };
    const { output } = await read(objects, { InputType: 'JSONL', ManifestType: 'ATHENA_DATA' });
    expect(output).toEqual([{ id: 1 }, { id: 2 }]);
  });
});

describe('what is no manifest', () => {
  it.each(['{}', '[]', '{"fileSchema":1,"destinationBucket":"b","files":[]}'])(
    '%s cannot be read',
    async (text) => {
      const { error, cause } = await read({ file: text }, { InputType: 'MANIFEST' });
      expect([error, cause]).toEqual([
        'States.ItemReaderFailed',
        'The dataset is not the manifest of an S3 Inventory.',
      ]);
    },
  );
});

describe('a listing', () => {
  const many = Object.fromEntries(Array.from({ length: 1006 }, (_, i) => [`many/${i}`, 'x']));

  async function list(objects: Record<string, string>, Prefix: string, rest: object = {}) {
    await using s3 = await startS3(objects);
    await using harness = await startMapHarness(s3.options);
    const ItemReader = { Resource: listObjects, Arguments: { Bucket: 'data', Prefix }, ...rest };
    const fields = { ItemReader, ItemSelector: '{% $states.context.Map.Item.Value %}' };
    return (await harness.run(eachOf(passing('$states.input'), fields), {})).output as unknown[];
  }

  it('has the objects below a prefix as items', async () => {
    expect(await list({ 'a/1': 'one', b: 'two' }, 'a/')).toEqual([
      {
        Etag: expect.stringMatching(/^".*"$/),
        Key: 'a/1',
        LastModified: expect.any(Number),
        Size: 3,
        StorageClass: 'STANDARD',
      },
    ]);
  });

  it('goes on behind its first page', async () => {
    await using s3 = await startS3(many);
    await using harness = await startMapHarness(s3.options);
    const ItemReader = { Resource: listObjects, Arguments: { Bucket: 'data', Prefix: 'many/' } };
    const fields = { ItemReader, ItemBatcher: { MaxItemsPerBatch: 1000 } };
    const { output } = await harness.run(eachOf(passing('$count($states.input.Items)'), fields), {});
    expect(output).toEqual([1000, 6]);
  });

  it('can be loaded and flattened', async () => {
    const ReaderConfig = { InputType: 'JSON', Transformation: 'LOAD_AND_FLATTEN' };
    expect(await list({ 'a/1': '[1,2]', 'a/2': '[3]' }, 'a/', { ReaderConfig })).toEqual([1, 2, 3]);
  });
});
