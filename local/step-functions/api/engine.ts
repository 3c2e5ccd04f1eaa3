import { Evaluator } from '../expressions/evaluator.ts';
import { Clients } from '../integrations/clients.ts';
import type { Execution, Surroundings } from '../interpreter/execution.ts';
import type { Settings } from '../settings.ts';
import type { StateMachine } from '../state-machine.ts';

/** What one server holds; all of it ends with the process. */
export interface Engine extends Surroundings {
  /** The server's own address, set once it listens. */
  endpoint: string;
  /** Machines and Standard executions by ARN, oldest first. */
  stateMachines: Map<string, StateMachine>;
  executions: Map<string, Execution>;
  /** Express executions while they run. */
  express: Set<Execution>;
  close(): Promise<void>;
}

/** An engine without machines; its worker thread starts with the first expression. */
export function startEngine(settings: Settings): Engine {
  const evaluator = new Evaluator();
  const clients: Clients = new Clients(settings, () => engine.endpoint);
  const engine: Engine = {
    settings,
    evaluator,
    clients,
    endpoint: '',
    stateMachines: new Map(),
    executions: new Map(),
    express: new Set(),
    async close() {
      for (const execution of [...engine.executions.values(), ...engine.express]) execution.discard();
      await evaluator.close();
      clients.close();
    },
  };
  return engine;
}
