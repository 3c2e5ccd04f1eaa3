import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { ReaderConfig } from '../definition/language.ts';
import { StateError } from '../interpreter/errors.ts';
import type { StateRun } from '../interpreter/state-run.ts';
import { list, object, parseJson } from '../json.ts';
import type { Json, JsonObject } from '../settings.ts';
import { parseCsv } from './csv.ts';
import { callS3 } from './s3.ts';

/** One item of a dataset. All members but `value` are part of `$states.context.Map.Item`. */
export interface Item {
  value: Json;
  Source: string;
  /** Set for datasets that are objects. */
  Key?: string;
}

/** Lists the items of a dataset. The members of an object are items with a Key and a Value. */
export function itemsIn(dataset: Json, source: string): Item[] {
  if (Array.isArray(dataset)) return dataset.map((value) => ({ value, Source: source }));
  return Object.entries(dataset as JsonObject).map(([Key, Value]) => ({
    value: { Key, Value },
    Key,
    Source: source,
  }));
}

/** The most items of a Map Run. */
const mostItems = 100_000_000;
/** The most bytes of CSVHeaders. */
const largestHeaders = 10 * 1024;
const delimiters = { COMMA: ',', PIPE: '|', SEMICOLON: ';', SPACE: ' ', TAB: '\t' };

/** The evaluated fields of an ItemReader. */
export type ReaderValues = { place: JsonObject; maxItems: number };

export async function readerValues(run: StateRun): Promise<ReaderValues> {
  const { Arguments, ReaderConfig: config = {} } = run.state.ItemReader!;
  const field = 'ReaderConfig/MaxItems';
  const values = await run.evaluate({ Arguments, [field]: config.MaxItems }, { prefix: 'ItemReader/' });
  const maxItems = run.count(`ItemReader/${field}`, values[field], 0, config.MaxItems);
  const place = run.typed('ItemReader/Arguments', values.Arguments!, 'object', Arguments!) as JsonObject;
  return { place, maxItems: Math.min(maxItems || mostItems, mostItems) };
}

/** Reads the items of an ItemReader into memory. Throws `States.ItemReaderFailed`. */
export async function readItems(run: StateRun, { place, maxItems }: ReaderValues): Promise<Item[]> {
  const { Resource, ReaderConfig: config = {} } = run.state.ItemReader!;
  // Only JSONPath gets here: in JSONata the value is out of range.
  if (maxItems < 0) throw failed('field MaxItems must be positive');
  const items = Resource.endsWith(':listObjectsV2')
    ? await listObjects(run, place, config, maxItems)
    : await readObject(run, place, config);
  return items.slice(0, maxItems);
}

async function readObject(run: StateRun, place: JsonObject, config: ReaderConfig): Promise<Item[]> {
  const text = await getText(run, place);
  const source = `S3://${place.Bucket}/${place.Key}`;
  if (config.ManifestType === 'ATHENA_DATA') {
    const files = text.split('\n').filter(Boolean).map(placeOf);
    return (await Promise.all(files.map((file) => readObject(run, file, data(config))))).flat();
  }
  if (config.InputType === 'MANIFEST' || config.ManifestType === 'S3_INVENTORY')
    return readInventory(run, datasetOf(text), source);
  return itemsOfText(text, config, source);
}

const data = ({ ManifestType: _, ...config }: ReaderConfig): ReaderConfig => config;

function placeOf(uri: string): JsonObject {
  const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+?)\s*$/.exec(uri) ?? [];
  if (!Bucket || !Key) throw failed(`The manifest names '${uri}', which is not a place in S3.`);
  return { Bucket, Key };
}

/** Parses a dataset as stored in S3. Throws `States.ItemReaderFailed`. */
export function itemsOfText(text: string, config: ReaderConfig, source: string): Item[] {
  if (config.InputType === 'CSV') return itemsIn(rowsOf(text, config), source);
  if (config.InputType === 'JSONL')
    return itemsIn(
      text
        .split('\n')
        .filter((line) => line.trim())
        .map(datasetOf),
      source,
    );
  const dataset = pointed(datasetOf(text), config.ItemsPointer ?? '');
  if (dataset === null || typeof dataset !== 'object')
    throw failed('Attempting to map over non-iterable node.');
  return itemsIn(dataset, source);
}

/** Makes an object of each row. Values are text, missing ones are empty, and surplus ones are dropped (recorded). */
function rowsOf(text: string, config: ReaderConfig): JsonObject[] {
  const delimiter = delimiters[config.CSVDelimiter ?? 'COMMA'];
  const records = parseCsv(text, delimiter);
  const header = config.CSVHeaderLocation === 'GIVEN' ? config.CSVHeaders! : (records.shift() ?? []);
  if (new Set(header).size < header.length) throw failed('CSV headers cannot contain duplicates.');
  if (Buffer.byteLength(header.join('')) > largestHeaders) throw failed('CSV headers cannot exceed 10 KiB.');
  return records.map((record) =>
    Object.fromEntries(header.map((name, index) => [name, record[index] ?? ''])),
  );
}

/** Reads the rows of an S3 Inventory, one for each object. */
async function readInventory(run: StateRun, manifest: Json, source: string): Promise<Item[]> {
  const { fileSchema, destinationBucket, files } = object(manifest) ?? {};
  const keys = list(files).map((file) => object(file)?.key);
  if (typeof fileSchema !== 'string' || typeof destinationBucket !== 'string' || !keys.every(isText))
    throw failed('The dataset is not the manifest of an S3 Inventory.');
  const CSVHeaders = fileSchema.split(',').map((name) => name.trim());
  const Bucket = destinationBucket.replace(/^arn:aws[a-z-]*:s3:::/, '');
  const read = async (Key: string) => {
    const text = await getText(run, { Bucket, Key });
    return itemsOfText(text, { InputType: 'CSV', CSVHeaderLocation: 'GIVEN', CSVHeaders }, source);
  };
  return (await Promise.all(keys.map(read))).flat();
}

const isText = (value: Json | undefined): value is string => typeof value === 'string';

/** Lists objects in the form in which a child gets them (measured, floci PR3460). */
async function listObjects(
  run: StateRun,
  place: JsonObject,
  config: ReaderConfig,
  most: number,
): Promise<Item[]> {
  const items: Item[] = [];
  let ContinuationToken: unknown;
  do {
    const page = await call(run, 'listObjectsV2', {
      ...place,
      ...(ContinuationToken ? { ContinuationToken } : {}),
    });
    for (const { ETag, Key, LastModified, Size, StorageClass } of (page.Contents ?? []) as S3Object[])
      if (config.Transformation === 'LOAD_AND_FLATTEN')
        items.push(...(await readObject(run, { Bucket: place.Bucket!, Key }, config)));
      else
        items.push({
          value: { Etag: ETag, Key, LastModified: (LastModified?.getTime() ?? 0) / 1000, Size, StorageClass },
          Source: `S3://${place.Bucket}`,
        });
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken && items.length < most);
  return items;
}

interface S3Object {
  ETag: string;
  Key: string;
  LastModified?: Date;
  Size: number;
  StorageClass: string;
}

async function getText(run: StateRun, place: JsonObject): Promise<string> {
  const { Body } = await call(run, 'getObject', place);
  const bytes = Buffer.from(
    await (Body as { transformToByteArray(): Promise<Uint8Array> }).transformToByteArray(),
  );
  const zipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  try {
    return (zipped ? await promisify(gunzip)(bytes) : bytes).toString();
  } catch {
    throw failed('The dataset cannot be decompressed.');
  }
}

function call(run: StateRun, action: string, parameters: object): Promise<Record<string, unknown>> {
  return callS3(run, action, parameters, 'States.ItemReaderFailed');
}

function datasetOf(text: string): Json {
  try {
    return parseJson(text);
  } catch {
    throw failed('The dataset is not valid JSON.');
  }
}

/** RFC 6901. */
function pointed(document: Json, pointer: string): Json {
  const names = pointer.split('/').slice(1);
  return names.reduce<Json>((value, name) => {
    const member = name.replaceAll('~1', '/').replaceAll('~0', '~');
    if (value && typeof value === 'object' && Object.keys(value).includes(member))
      return (value as JsonObject)[member]!;
    throw failed(`The ItemsPointer '${pointer}' finds nothing in the dataset.`);
  }, document);
}

function failed(cause: string): StateError {
  return new StateError('States.ItemReaderFailed', cause);
}
