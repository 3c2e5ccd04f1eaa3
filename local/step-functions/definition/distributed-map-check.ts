import { list, object } from '../json.ts';
import type { Json, JsonObject } from '../settings.ts';
import type { MachineType } from './check.ts';
import { type Diagnostics, labelCode } from './diagnostics.ts';
import { checkExpressions } from './expression-check.ts';
import { checkTypes } from './field-check.ts';

/** The most characters of a Label. */
const longestLabel = 40;
const forbiddenInLabel = /[\s?*<>{}[\]:;,\\|^~$#%&`"\p{Cc}]/u;
const readers = ['arn:aws:states:::s3:getObject', 'arn:aws:states:::s3:listObjectsV2'];
const writer = 'arn:aws:states:::s3:putObject';
const fields = ['ItemReader', 'ItemBatcher', 'ResultWriter', 'Label'];
/** The values of each enumerated field. AWS also has `PARQUET`, which this emulator cannot read. */
const values: Record<string, string[]> = {
  InputType: ['CSV', 'JSON', 'JSONL', 'MANIFEST'],
  ReaderTransformation: ['NONE', 'LOAD_AND_FLATTEN'],
  ManifestType: ['ATHENA_DATA', 'S3_INVENTORY'],
  CSVDelimiter: ['COMMA', 'PIPE', 'SEMICOLON', 'SPACE', 'TAB'],
  CSVHeaderLocation: ['FIRST_ROW', 'GIVEN'],
  ExecutionType: ['STANDARD', 'EXPRESS'],
  Transformation: ['NONE', 'COMPACT', 'FLATTEN'],
  OutputType: ['JSON', 'JSONL'],
};
/** The fields that only JSONPath has, by their holder. */
const placeOf: Record<string, string[]> = {
  ItemReader: ['Parameters'],
  ReaderConfig: ['MaxItemsPath'],
  ItemBatcher: ['MaxItemsPerBatchPath', 'MaxInputBytesPerBatchPath'],
  ResultWriter: ['Parameters'],
};

/** Checks the fields that only a Distributed Map has. `labels` collects the Labels of the machine. */
export function checkDistributedMap(
  state: JsonObject,
  location: string,
  language: 'JSONata' | 'JSONPath',
  machineType: MachineType,
  labels: Set<string>,
  diagnostics: Diagnostics,
): void {
  const config = object(object(state.ItemProcessor ?? state.Iterator)?.ProcessorConfig) ?? {};
  if (config.Mode !== 'DISTRIBUTED') {
    for (const field of fields)
      if (state[field] !== undefined)
        diagnostics.schema(
          `Field '${field}' is only supported with the mode DISTRIBUTED`,
          `${location}/${field}`,
        );
    return;
  }
  if (machineType === 'EXPRESS')
    diagnostics.schema('Express state machine does not support the Map mode DISTRIBUTED', location);

  const oneOf = (holder: JsonObject, at: string, field: string, list = values[field]!) => {
    const value = holder[field];
    if (value !== undefined && !list.includes(value as string))
      diagnostics.schema(
        `The field '${field}' should have one of these values: [${list.join(', ')}]`,
        `${location}/${at}/${field}`,
      );
  };
  const part = (holder: JsonObject, name: string, at: string): JsonObject => {
    const value = object(holder[name]) ?? {};
    for (const field of placeOf[name]!)
      if (language === 'JSONata' && value[field] !== undefined)
        diagnostics.schema(
          `The QueryLanguage is set to 'JSONata', but field '${field}' is only supported for the 'JSONPath' QueryLanguage`,
          `${location}/${at}`,
        );
    checkTypes(value, `${location}/${at}`, diagnostics);
    return value;
  };
  oneOf(config, 'ItemProcessor/ProcessorConfig', 'ExecutionType');
  if (typeof state.Label === 'string') checkLabel(state.Label, `${location}/Label`, labels, diagnostics);

  if (state.ItemReader !== undefined) {
    const reader = part(state, 'ItemReader', 'ItemReader');
    const given = language === 'JSONata' ? 'Arguments' : 'Parameters';
    const absent = ['Resource', given].filter((field) => reader[field] === undefined);
    if (absent.length)
      diagnostics.schema(`These fields are required: [${absent.join(', ')}]`, `${location}/ItemReader`);
    oneOf(reader, 'ItemReader', 'Resource', readers);
    const { Transformation, ...reading } = part(reader, 'ReaderConfig', 'ItemReader/ReaderConfig');
    for (const field of ['InputType', 'ManifestType', 'CSVDelimiter', 'CSVHeaderLocation'])
      oneOf(reading, 'ItemReader/ReaderConfig', field);
    oneOf(
      { Transformation: Transformation ?? 'NONE' },
      'ItemReader/ReaderConfig',
      'Transformation',
      values.ReaderTransformation,
    );
    if (list(reading.CSVHeaders).some((name) => typeof name !== 'string'))
      diagnostics.schema('Expected value of type String', `${location}/ItemReader/ReaderConfig/CSVHeaders`);
    if (reading.CSVHeaderLocation === 'GIVEN' && list(reading.CSVHeaders).length === 0)
      diagnostics.schema('These fields are required: [CSVHeaders]', `${location}/ItemReader/ReaderConfig`);
  }
  if (state.ItemBatcher !== undefined) {
    const batcher = part(state, 'ItemBatcher', 'ItemBatcher');
    if (!Object.keys(batcher).some((field) => field.startsWith('Max')))
      diagnostics.schema(
        'At least one of these fields is required: [MaxItemsPerBatch, MaxInputBytesPerBatch]',
        `${location}/ItemBatcher`,
      );
  }
  if (state.ResultWriter !== undefined) {
    const result = part(state, 'ResultWriter', 'ResultWriter');
    oneOf(result, 'ResultWriter', 'Resource', [writer]);
    if (result.Resource === undefined && result.WriterConfig === undefined)
      diagnostics.schema('These fields are required: [Resource]', `${location}/ResultWriter`);
    const target = result[language === 'JSONata' ? 'Arguments' : 'Parameters'];
    if (result.Resource !== undefined && target === undefined)
      diagnostics.schema('Arguments or Parameters are required', `${location}/ResultWriter`);
    for (const field of ['Transformation', 'OutputType'])
      oneOf(object(result.WriterConfig) ?? {}, 'ResultWriter/WriterConfig', field);
  }
  if (language === 'JSONata')
    for (const [at, value] of evaluated(state)) checkExpressions(value, `${location}/${at}`, [], diagnostics);
}

function evaluated(state: JsonObject): [string, Json | undefined][] {
  const reader = object(state.ItemReader);
  return [
    ['ItemReader/Arguments', reader?.Arguments],
    ['ItemReader/ReaderConfig/MaxItems', object(reader?.ReaderConfig)?.MaxItems],
    ['ItemBatcher', state.ItemBatcher],
    ['ResultWriter/Arguments', object(state.ResultWriter)?.Arguments],
  ];
}

function checkLabel(label: string, location: string, labels: Set<string>, diagnostics: Diagnostics): void {
  const [invalid] = forbiddenInLabel.exec(label) ?? [];
  if (label === '') diagnostics.add(labelCode, 'Label cannot be empty', location);
  else if (label.length > longestLabel)
    diagnostics.add(labelCode, `Label cannot exceed ${longestLabel} characters`, location);
  else if (invalid !== undefined)
    diagnostics.add(labelCode, `Label contains invalid character: '${visible(invalid)}'`, location);
  if (labels.has(label)) diagnostics.schema(`Duplicate Label: ${label}`, location);
  labels.add(label);
}

/** Makes a control character readable: `\\n`, `\\x1f`. */
function visible(character: string): string {
  const named: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
  const code = character.codePointAt(0)!;
  return (
    named[character] ?? (/\p{Cc}/u.test(character) ? `\\x${code.toString(16).padStart(2, '0')}` : character)
  );
}
