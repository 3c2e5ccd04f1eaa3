import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { definitions, diagramFiles, diagramOf } from '../../state-machines/diagrams.ts';
import { allStates, type Graph } from './machines.ts';

it('docs/machines/ is up to date; otherwise, npm run diagrams', () => {
  const files = diagramFiles();
  expect(readdirSync('docs/machines').sort()).toEqual(Object.keys(files).sort());
  const stale = Object.entries(files).filter(
    ([name, text]) => readFileSync(`docs/machines/${name}`, 'utf8') !== text,
  );
  expect(stale.map(([name]) => name)).toEqual([]);
});

describe.each(definitions)('the diagram of %s', (name, definition) => {
  const svg = diagramOf(name, definition);

  it('has every state once', () => {
    const drawn = [...svg.matchAll(/data-state="([^"]+)"/g)].map(([, state]) => state!);
    const states = allStates(definition as Graph).map(([state]) => state);
    expect(drawn.sort()).toEqual(states.sort());
  });

  it('has an arrow for every way from one state to another', () => {
    const arrows = svg.match(/marker-end/g)!.length;
    expect(arrows).toBe(waysOf(definition as Graph));
  });

  it('draws nothing outside its frame', () => {
    const [, width] = /width="(\d+)"/.exec(svg)!;
    const outer = [...svg.matchAll(/^<path d="(M[^"]+)" fill="none"/gm)].flatMap(([, path]) =>
      [...path!.matchAll(/(-?[\d.]+) -?[\d.]+/g)].map(([, x]) => Number(x)),
    );
    const shift = Number(/translate\((\d+) 0\)/.exec(svg)![1]);
    expect(Math.min(...outer) + shift).toBeGreaterThanOrEqual(0);
    expect(Math.max(...outer) + shift).toBeLessThanOrEqual(Number(width));
  });
});

/** Starts, ends, transitions and catchers; several choices that lead to one state are one way. */
function waysOf(graph: Graph): number {
  return Object.values(graph.States).reduce((sum, state) => {
    const next = new Set([state.Next, ...(state.Choices ?? []).map(({ Next }) => Next)].filter(Boolean));
    const inner = [...(state.Branches ?? []), ...(state.ItemProcessor ? [state.ItemProcessor] : [])];
    return (
      sum +
      next.size +
      ('End' in state ? 1 : 0) +
      (state.Default ? 1 : 0) +
      (state.Catch ?? []).length +
      inner.reduce((all, each) => all + waysOf(each), 0)
    );
  }, 1);
}
