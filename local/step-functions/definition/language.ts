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
  ItemSelector?: Json;
  ItemProcessor?: Block & { ProcessorConfig?: { Mode?: string } };
  MaxConcurrency?: Json;
  ToleratedFailureCount?: Json;
  ToleratedFailurePercentage?: Json;
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

/** The JSONata between `{%` and `%}`; undefined for any other value. A blank outside the braces makes it a literal (measured on AWS). */
export function expressionIn(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value.length >= 4 && value.startsWith('{%') && value.endsWith('%}')
    ? value.slice(2, -2).trim()
    : undefined;
}
