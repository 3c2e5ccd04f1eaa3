import type { JsonObject } from '../settings.ts';
import * as callbacks from './callbacks.ts';
import type { Engine } from './engine.ts';
import * as executions from './executions.ts';
import * as mapRuns from './map-runs.ts';
import * as stateMachines from './state-machines.ts';
import { testState } from './test-state.ts';

type Operation = (engine: Engine, parameters: JsonObject) => JsonObject | Promise<JsonObject>;

/** The supported operations. Others are refused by name. */
export const operations: Record<string, Operation> = {
  CreateStateMachine: stateMachines.createStateMachine,
  UpdateStateMachine: stateMachines.updateStateMachine,
  DeleteStateMachine: stateMachines.deleteStateMachine,
  DescribeStateMachine: stateMachines.describeStateMachine,
  ListStateMachines: stateMachines.listStateMachines,
  ValidateStateMachineDefinition: stateMachines.validateStateMachineDefinition,
  TestState: testState,
  DescribeStateMachineForExecution: executions.describeStateMachineForExecution,
  StartExecution: executions.startExecution,
  StartSyncExecution: executions.startSyncExecution,
  RedriveExecution: executions.redriveExecution,
  StopExecution: executions.stopExecution,
  DescribeExecution: executions.describeExecution,
  ListExecutions: executions.listExecutions,
  GetExecutionHistory: executions.getExecutionHistory,
  ListMapRuns: mapRuns.listMapRuns,
  DescribeMapRun: mapRuns.describeMapRun,
  UpdateMapRun: mapRuns.updateMapRun,
  SendTaskSuccess: callbacks.sendTaskSuccess,
  SendTaskFailure: callbacks.sendTaskFailure,
  SendTaskHeartbeat: callbacks.sendTaskHeartbeat,
};
