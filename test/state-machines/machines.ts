import { readdirSync, readFileSync } from 'node:fs';
import type { Retrier } from '../../state-machines/retries.ts';

// The definitions of state-machines/, as far as the tests look at them.

export interface State {
  Type: string;
  Comment?: string;
  Next?: string;
  Default?: string;
  TimeoutSeconds?: number;
  Resource?: string;
  Arguments?: Record<string, unknown>;
  Retry?: Retrier[];
  Assign?: object;
  Catch?: { ErrorEquals: string[]; Next: string; Assign?: object }[];
  Choices?: { Next: string; Assign?: object }[];
  MaxConcurrency?: number;
  ItemProcessor?: Graph;
  Branches?: Graph[];
}
export interface Graph {
  ProcessorConfig?: { Mode: string };
  StartAt: string;
  States: Record<string, State>;
}
export interface Definition extends Graph {
  Comment: string;
  QueryLanguage: string;
  TimeoutSeconds: number;
}

const folder = new URL('../../state-machines/', import.meta.url);

/** Each file of a machine with its text and its definition. */
export const allMachines = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.asl.json'))
  .map((file) => {
    const text = readFileSync(new URL(file, folder), 'utf8');
    return [file, JSON.parse(text) as Definition, text] as const;
  });

/** All states with their names, those within a Map or a Parallel too. */
export function allStates(graph: Graph): [string, State][] {
  return Object.entries(graph.States).flatMap(([name, state]) => [
    [name, state] as [string, State],
    ...innerOf(state).flatMap(allStates),
  ]);
}

/** The graphs within a Map or a Parallel. */
export function innerOf({ Branches = [], ItemProcessor }: State): Graph[] {
  return ItemProcessor ? [...Branches, ItemProcessor] : Branches;
}
