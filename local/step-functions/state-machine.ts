import type { MachineType } from './definition/check.ts';
import type { Json } from './settings.ts';

/** A machine as it was created; an update makes a new one. */
export interface StateMachine {
  stateMachineArn: string;
  name: string;
  type: MachineType;
  roleArn: string;
  /** The definition as it was sent. */
  definition: string;
  /** Kept and described, and without any effect. */
  loggingConfiguration: Json;
  tracingConfiguration: Json;
  encryptionConfiguration: Json;
  /** Milliseconds since 1970. */
  creationDate: number;
  updateDate: number;
  /** There is one after the first update. */
  revisionId: string | undefined;
}
