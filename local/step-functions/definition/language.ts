import type { Json, JsonObject } from '../settings.ts';

/** The Amazon States Language, as far as this emulator runs it. Where JSON stands, an expression `{% … %}` may. */
export interface StateMachineDefinition extends Block {
  QueryLanguage?: string;
  TimeoutSeconds?: number;
}

/** What a machine, a branch of a Parallel and the ItemProcessor of a Map have in common. */
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
  /** The fields of JSONPath that have no counterpart in JSONata. */
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
  /** From here on: a Distributed Map only. */
  Label?: string;
  ItemReader?: { Resource: string; Arguments?: Json; ReaderConfig?: ReaderConfig };
  ItemBatcher?: { MaxItemsPerBatch?: Json; MaxInputBytesPerBatch?: Json; BatchInput?: Json };
  ResultWriter?: {
    Resource?: string;
    Arguments?: Json;
    WriterConfig?: { Transformation?: 'NONE' | 'COMPACT' | 'FLATTEN'; OutputType?: 'JSON' | 'JSONL' };
  };
}

/** How an ItemReader reads what it has found. */
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

/** Whether the iterations of a Map are executions of their own. */
export function isDistributed(state: State): boolean {
  return state.ItemProcessor?.ProcessorConfig?.Mode === 'DISTRIBUTED';
}

/** The JSONata between `{%` and `%}`; undefined for any other value. A blank outside the braces makes it a literal (measured on AWS). */
export function expressionIn(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value.length >= 4 && value.startsWith('{%') && value.endsWith('%}')
    ? value.slice(2, -2).trim()
    : undefined;
}

const rfc3339 =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** RFC 3339, and a time that exists; any number of decimals. */
export function isTimestamp(text: Json): text is string {
  return typeof text === 'string' && rfc3339.test(text) && !Number.isNaN(Date.parse(text));
}
