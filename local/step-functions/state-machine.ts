import type { MachineType } from './definition/check.ts';
import type { Json } from './settings.ts';

/** A machine as created. An update makes a new object. */
export interface StateMachine {
  stateMachineArn: string;
  name: string;
  type: MachineType;
  roleArn: string;
  /** The definition, as the client sent it. */
  definition: string;
  /** The configurations are stored and described, but have no effect. */
  loggingConfiguration: Json;
  tracingConfiguration: Json;
  encryptionConfiguration: Json;
  /** Milliseconds since 1970. */
  creationDate: number;
  updateDate: number;
  /** Set by the first update. */
  revisionId: string | undefined;
}
