import type { JsonObject } from '../settings.ts';
import type { Engine } from './engine.ts';
import { ApiError } from './errors.ts';
import * as executions from './executions.ts';
import * as stateMachines from './state-machines.ts';
import * as tags from './tags.ts';

type Operation = (engine: Engine, parameters: JsonObject) => JsonObject | Promise<JsonObject>;

/** No state waits for a token yet, so every token is unknown. */
const noSuchToken: Operation = () => {
  throw new ApiError('InvalidToken', "Invalid Token: 'Invalid token'");
};

/** Everything this emulator answers; other operations are refused by name. */
export const operations: Record<string, Operation> = {
  CreateStateMachine: stateMachines.createStateMachine,
  UpdateStateMachine: stateMachines.updateStateMachine,
  DeleteStateMachine: stateMachines.deleteStateMachine,
  DescribeStateMachine: stateMachines.describeStateMachine,
  ListStateMachines: stateMachines.listStateMachines,
  ValidateStateMachineDefinition: stateMachines.validateStateMachineDefinition,
  TagResource: tags.tagResource,
  UntagResource: tags.untagResource,
  ListTagsForResource: tags.listTagsForResource,
  DescribeStateMachineForExecution: executions.describeStateMachineForExecution,
  StartExecution: executions.startExecution,
  StartSyncExecution: executions.startSyncExecution,
  StopExecution: executions.stopExecution,
  DescribeExecution: executions.describeExecution,
  ListExecutions: executions.listExecutions,
  GetExecutionHistory: executions.getExecutionHistory,
  SendTaskSuccess: noSuchToken,
  SendTaskFailure: noSuchToken,
  SendTaskHeartbeat: noSuchToken,
};
