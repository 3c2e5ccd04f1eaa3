import type { Json, JsonObject } from '../settings.ts';
import type { Diagnostics } from './diagnostics.ts';
import { expressionIn } from './language.ts';

type Kind = 'String' | 'Number' | 'Integer' | 'Boolean' | 'Object' | 'Array' | 'Path';
interface FieldType {
  kind: Kind;
  minimum?: number;
  maximum?: number;
  values?: string[];
  /** In JSONata, the value may be an expression. */
  evaluated?: boolean;
}

const longest = 99_999_999;
const text: FieldType = { kind: 'String' };
const object: FieldType = { kind: 'Object' };
const array: FieldType = { kind: 'Array' };
const path: FieldType = { kind: 'Path' };
const seconds: FieldType = { kind: 'Integer', minimum: 1, maximum: longest, evaluated: true };
const count: FieldType = { kind: 'Integer', minimum: 0, evaluated: true };

/** The types and bounds of the fields of the language. Fields that may hold anything are left out. */
const types: Record<string, FieldType> = {
  Comment: text,
  Version: text,
  StartAt: text,
  States: object,
  Next: text,
  Default: text,
  End: { kind: 'Boolean' },
  Resource: text,
  Credentials: object,
  TimeoutSeconds: seconds,
  HeartbeatSeconds: seconds,
  Seconds: { ...count, maximum: longest },
  Timestamp: { ...text, evaluated: true },
  Error: { ...text, evaluated: true },
  Cause: { ...text, evaluated: true },
  Assign: object,
  Choices: array,
  Branches: array,
  Retry: array,
  Catch: array,
  ErrorEquals: array,
  IntervalSeconds: { kind: 'Integer', minimum: 1, maximum: longest },
  MaxAttempts: { kind: 'Integer', minimum: 0, maximum: longest },
  MaxDelaySeconds: { kind: 'Integer', minimum: 1, maximum: 31_622_400 },
  BackoffRate: { kind: 'Number', minimum: 1 },
  JitterStrategy: { kind: 'String', values: ['FULL', 'NONE'] },
  ItemProcessor: object,
  Iterator: object,
  ProcessorConfig: object,
  Mode: { kind: 'String', values: ['INLINE', 'DISTRIBUTED'] },
  MaxConcurrency: count,
  ToleratedFailureCount: count,
  ToleratedFailurePercentage: { kind: 'Number', minimum: 0, maximum: 100, evaluated: true },
  Label: text,
  ItemReader: object,
  ReaderConfig: object,
  CSVHeaders: array,
  ItemsPointer: text,
  MaxItems: { ...count, maximum: 100_000_000 },
  ItemBatcher: object,
  MaxItemsPerBatch: count,
  MaxInputBytesPerBatch: { ...count, maximum: 262_144 },
  ResultWriter: object,
  WriterConfig: object,
  InputPath: path,
  OutputPath: path,
  ResultPath: path,
};

/** Checks the types of the fields of a machine, a state or a part of one. */
export function checkTypes(fields: JsonObject, location: string, diagnostics: Diagnostics): void {
  for (const [field, value] of Object.entries(fields)) {
    const type = Object.hasOwn(types, field) ? types[field] : undefined;
    if (!type || (type.evaluated && expressionIn(value) !== undefined)) continue;
    const problem = problemOf(value, type);
    if (problem) diagnostics.schema(problem, `${location}/${field}`);
  }
}

function problemOf(value: Json, { kind, minimum, maximum, values }: FieldType): string | undefined {
  if (!isOfKind(value, kind)) return `Expected value of type ${kind === 'Path' ? 'String' : kind}`;
  if (values && !values.includes(value as string))
    return `Value should be one of these: [${values.join(', ')}]`;
  if (minimum !== undefined && (value as number) < minimum) return `Minimum value is ${minimum}`;
  if (maximum !== undefined && (value as number) > maximum) return `Maximum value is ${maximum}`;
  return undefined;
}

function isOfKind(value: Json, kind: Kind): boolean {
  if (kind === 'Path') return value === null || typeof value === 'string';
  if (kind === 'Array') return Array.isArray(value);
  if (kind === 'Object') return value !== null && typeof value === 'object' && !Array.isArray(value);
  if (kind === 'Integer') return Number.isInteger(value);
  return typeof value === kind.toLowerCase();
}

/** A Unicode identifier of at most 80 characters. */
const variableName = /^[\p{ID_Start}_]\p{ID_Continue}{0,79}$/u;

/** Checks the names of the variables that a state, rule or catcher sets. `states` is reserved. */
export function checkVariableNames(
  assign: JsonObject | undefined,
  location: string,
  diagnostics: Diagnostics,
): void {
  for (const key of Object.keys(assign ?? {})) {
    const name = variableOf(key);
    if (!variableName.test(name) || name === 'states')
      diagnostics.schema(`'${name}' is not a valid variable name`, `${location}/Assign`);
  }
}

export const variableOf = (key: string) => (key.endsWith('.$') ? key.slice(0, -2) : key);
