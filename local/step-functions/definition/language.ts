import type { Json, JsonObject } from '../settings.ts';

/** The part of the Amazon States Language that this emulator runs. A field of type Json may be an expression `{% … %}`. */
export interface StateMachineDefinition extends Block {
  QueryLanguage?: string;
  TimeoutSeconds?: number;
}

/** The common part of a machine, a branch of a Parallel and the ItemProcessor of a Map. */
export interface Block {
  StartAt: string;
  States: Record<string, State>;
}

export interface State {
  Type: 'Task' | 'Pass' | 'Choice' | 'Wait' | 'Succeed' | 'Fail' | 'Parallel' | 'Map';
  QueryLanguage?: string;
  Next?: string;
  End?: boolean;
  Output?: Json;
  Assign?: JsonObject;
  Arguments?: Json;
  Retry?: Retrier[];
  Catch?: Catcher[];
  Resource?: string;
  Credentials?: { RoleArn: string };
  TimeoutSeconds?: Json;
  HeartbeatSeconds?: Json;
  Seconds?: Json;
  Timestamp?: Json;
  Choices?: ChoiceRule[];
  Default?: string;
  Error?: Json;
  Cause?: Json;
  Branches?: Block[];
  Items?: Json;
  /** These fields exist only in JSONPath. */
  InputPath?: string | null;
  OutputPath?: string | null;
  ResultPath?: string | null;
  ResultSelector?: Json;
  Result?: Json;
  ItemSelector?: Json;
  ItemProcessor?: Block & {
    ProcessorConfig?: { Mode?: 'INLINE' | 'DISTRIBUTED'; ExecutionType?: 'STANDARD' | 'EXPRESS' };
  };
  MaxConcurrency?: Json;
  ToleratedFailureCount?: Json;
  ToleratedFailurePercentage?: Json;
  /** The fields from here on exist only in a Distributed Map. */
  Label?: string;
  ItemReader?: { Resource: string; Arguments?: Json; ReaderConfig?: ReaderConfig };
  ItemBatcher?: { MaxItemsPerBatch?: Json; MaxInputBytesPerBatch?: Json; BatchInput?: Json };
  ResultWriter?: {
    Resource?: string;
    Arguments?: Json;
    WriterConfig?: { Transformation?: 'NONE' | 'COMPACT' | 'FLATTEN'; OutputType?: 'JSON' | 'JSONL' };
  };
}

/** Describes the format of the data that an ItemReader reads. */
export interface ReaderConfig {
  InputType?: 'CSV' | 'JSON' | 'JSONL' | 'MANIFEST';
  Transformation?: 'NONE' | 'LOAD_AND_FLATTEN';
  ManifestType?: 'ATHENA_DATA' | 'S3_INVENTORY';
  CSVDelimiter?: 'COMMA' | 'PIPE' | 'SEMICOLON' | 'SPACE' | 'TAB';
  CSVHeaderLocation?: 'FIRST_ROW' | 'GIVEN';
  CSVHeaders?: string[];
  /** A JSON pointer (RFC 6901) into the dataset. */
  ItemsPointer?: string;
  MaxItems?: Json;
}

export interface Retrier {
  ErrorEquals: string[];
  IntervalSeconds?: number;
  MaxAttempts?: number;
  BackoffRate?: number;
  MaxDelaySeconds?: number;
  JitterStrategy?: 'FULL' | 'NONE';
}

export interface Catcher {
  ErrorEquals: string[];
  Next: string;
  Output?: Json;
  Assign?: JsonObject;
}

export interface ChoiceRule {
  Condition: Json;
  Next: string;
  Output?: Json;
  Assign?: JsonObject;
}

/** Says whether each iteration of a Map is a child execution. */
export function isDistributed(state: State): boolean {
  return state.ItemProcessor?.ProcessorConfig?.Mode === 'DISTRIBUTED';
}

/** Returns the JSONata between `{%` and `%}`, or undefined for any other value. A blank outside the braces makes it a literal (measured). */
export function expressionIn(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value.length >= 4 && value.startsWith('{%') && value.endsWith('%}')
    ? value.slice(2, -2).trim()
    : undefined;
}

const rfc3339 =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** Accepts RFC 3339 times that exist, with any number of decimals. */
export function isTimestamp(text: Json): text is string {
  return typeof text === 'string' && rfc3339.test(text) && !Number.isNaN(Date.parse(text));
}
