import { expect, it } from 'vitest';
import { coverageOf, placesOf, tableOf } from '../support/machine-coverage.ts';
import type { Definition } from './machines.ts';

it('asks for every state, Choice rule, Default, retrier and catcher, those within a Map too', () => {
  const retrier = { ErrorEquals: ['Busy'] };
  const inner = { StartAt: 'Call', States: { Call: { Type: 'Task', Retry: [retrier, retrier] } } };
  const States = {
    Choose: { Type: 'Choice', Choices: [{ Next: 'Repeat' }], Default: 'Repeat' },
    Repeat: { Type: 'Map', ItemProcessor: inner, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Choose' }] },
  };
  expect(placesOf({ StartAt: 'Choose', States } as unknown as Definition)).toEqual({
    states: ['Choose', 'Repeat', 'Call'],
    branches: ['Choose/Choices[0]', 'Choose/Default'],
    retriers: ['Call/Retry[0]', 'Call/Retry[1]'],
    catchers: ['Repeat/Catch[0]'],
  });
});

it('names what was not visited, and counts the rest in a table', () => {
  const visits = ['Read event', 'Announce problem', 'Announce problem/Retry[0]'];
  const file = 'service/announce-mail-problem.asl.json';
  const coverage = (left: string[]) =>
    coverageOf(new Set(left.map((place) => `${file}: ${place}`))).filter(({ machine }) =>
      file.startsWith(`${machine}.`),
    );
  expect(coverage(visits).flatMap(({ unvisited }) => unvisited)).toEqual([]);
  const partly = coverage(visits.slice(0, 2));
  expect(partly.flatMap(({ unvisited }) => unvisited)).toEqual(['Announce problem/Retry[0]']);
  expect(tableOf(partly)).toMatch(/announce-mail-problem +2\/2 +0\/0 +0\/1 +0\/0$/);
});
