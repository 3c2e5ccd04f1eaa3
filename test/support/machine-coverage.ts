// A reporter: prints how much of each machine the tests have visited, and fails a run of all tests that leaves out any of it.
// Of a part of the tests, with MACHINE_COVERAGE=<file>, it prints the table too. The file gets the tests that visit each place.
import { globSync, writeFileSync } from 'node:fs';
import type { Reporter, TestModule, Vitest } from 'vitest/node';
import { allMachines, allStates, type Definition } from '../state-machines/machines.ts';

const kinds = ['states', 'branches', 'retriers', 'catchers'] as const;
type Kind = (typeof kinds)[number];
export type Coverage = { machine: string; kind: Kind; places: string[]; unvisited: string[] };

/** Everything in a definition that a test has to visit. */
export function placesOf(machine: Definition): Record<Kind, string[]> {
  const states = allStates(machine);
  const parts = (field: 'Choices' | 'Retry' | 'Catch') =>
    states.flatMap(([name, state]) => (state[field] ?? []).map((_, index) => `${name}/${field}[${index}]`));
  const defaults = states.flatMap(([name, state]) => (state.Default ? [`${name}/Default`] : []));
  return {
    states: states.map(([name]) => name),
    branches: [...parts('Choices'), ...defaults],
    retriers: parts('Retry'),
    catchers: parts('Catch'),
  };
}

/** What of all machines these visits, `<file>: <place>`, leave out. */
export function coverageOf(visits: Set<string>): Coverage[] {
  return allMachines.flatMap(([file, definition]) => {
    const all = placesOf(definition);
    return kinds.map((kind) => {
      const unvisited = all[kind].filter((place) => !visits.has(`${file}: ${place}`));
      return { machine: file.replace('.asl.json', ''), kind, places: all[kind], unvisited };
    });
  });
}

/** The table of a coverage, one line a machine. */
export function tableOf(coverage: Coverage[]): string {
  const machines = [...new Set(coverage.map(({ machine }) => machine))];
  const rows = machines.map((machine) => [
    machine,
    ...coverage
      .filter((each) => each.machine === machine)
      .map(({ places, unvisited }) => `${places.length - unvisited.length}/${places.length}`),
  ]);
  return [['machine', ...kinds], ...rows]
    .map(([name, ...cells]) => name!.padEnd(34) + cells.map((cell) => cell.padStart(10)).join(''))
    .join('\n');
}

export default class MachineCoverage implements Reporter {
  private vitest!: Vitest;

  onInit(vitest: Vitest): void {
    this.vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const whole =
      modules.length === globSync('test/**/*.test.ts').length && !this.vitest.config.testNamePattern;
    const file = process.env.MACHINE_COVERAGE;
    if (!whole && !file) return;
    const visits = modules
      .flatMap((module) => [...module.children.allTests()])
      .flatMap((test) => (test.meta().visits ?? []).map((place) => ({ place, test: test.fullName })));
    const tests = Object.entries(Object.groupBy(visits, ({ place }) => place)).map(
      ([place, all]) => [place, all!.map(({ test }) => test)] as const,
    );
    if (file) writeFileSync(file, JSON.stringify(Object.fromEntries(tests), null, 2));
    const coverage = coverageOf(new Set(tests.map(([place]) => place)));
    console.log(`\nWhat the tests visited of the machines:\n\n${tableOf(coverage)}\n`);
    const unvisited = coverage.flatMap(({ machine, unvisited }) =>
      unvisited.map((place) => `${machine}: ${place}`),
    );
    if (unvisited.length === 0) return;
    console.error(`No test visits\n  ${unvisited.join('\n  ')}\n`);
    if (whole) process.exitCode = 1;
  }
}
