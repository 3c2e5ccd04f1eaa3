import { Evaluator } from '../expressions/evaluator.ts';
import { Clients } from '../integrations/clients.ts';
import { Callbacks } from '../interpreter/callbacks.ts';
import type { Execution, Surroundings } from '../interpreter/execution.ts';
import type { Settings } from '../settings.ts';
import type { StateMachine } from '../state-machine.ts';

/** The state of one server. It ends with the process, unless a folder keeps it. */
export interface Engine extends Surroundings {
  /** The server's own address, set once it listens. */
  endpoint: string;
  /** By ARN, oldest first. */
  stateMachines: Map<string, StateMachine>;
  /** Express executions while they run. */
  express: Set<Execution>;
  closing: boolean;
  close(): Promise<void>;
}

/** Starts an engine without machines. Its worker thread starts with the first expression. */
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
    mapRuns: new Map(),
    callbacks: new Callbacks(settings.randomUUID),
    keep: () => {},
    express: new Set(),
    closing: false,
    async close() {
      engine.closing = true;
      const running = [...engine.executions.values()].filter(({ running }) => running);
      for (const execution of running) engine.keep(execution);
      // Children first, or their Map Run would stop them.
      for (const execution of [...running.reverse(), ...engine.express]) execution.discard();
      await evaluator.close();
      clients.close();
    },
  };
  return engine;
}
