import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

// Imports of tasks/ run one way: a handler's folder -> reports -> lib. Types count as well.

const imports = new Map(
  readdirSync('tasks', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => [file, importsOf(file)]),
);

/** The files of tasks/ that a file imports. */
function importsOf(file: string): string[] {
  const text = readFileSync(join('tasks', file), 'utf8');
  return [...text.matchAll(/(?:from|import|import\() ?'(\.[^']+)'/g)]
    .map(([, path]) => normalize(join(dirname(file), path!)))
    .filter((path) => !path.startsWith('..'));
}

const partOf = (file: string) => file.split('/')[0]!;
const parts = [...new Set([...imports.keys()].map(partOf))];
const handlers = parts.filter((part) => part !== 'lib' && part !== 'reports');

/** Imports from one part of tasks/ into others, as `file -> file`. */
function importsFrom(part: string, others: string[]): string[] {
  return [...imports].flatMap(([file, paths]) =>
    partOf(file) === part
      ? paths.filter((path) => others.includes(partOf(path))).map((path) => `${file} -> ${path}`)
      : [],
  );
}

describe('Imports of tasks/', () => {
  it('are found: handlers know reports, and reports know lib', () => {
    expect(handlers.length).toBeGreaterThan(4);
    expect(importsFrom('export-rows', ['reports'])).toContain('export-rows/handler.ts -> reports/index.ts');
    expect(importsFrom('reports', ['lib']).length).toBeGreaterThan(10);
  });

  it('lead from lib to nothing else', () => {
    expect(importsFrom('lib', ['reports', ...handlers])).toEqual([]);
  });

  it('lead from reports to no handler', () => {
    expect(importsFrom('reports', handlers)).toEqual([]);
  });

  it.each(handlers)('lead from %s to no other handler', (handler) => {
    const others = handlers.filter((other) => other !== handler);
    expect(importsFrom(handler, others)).toEqual([]);
  });

  it('run in no circle', () => {
    expect([...imports.keys()].flatMap((file) => circleThrough(file))).toEqual([]);
  });
});

/** The way from a file back to itself, if there is one. */
function circleThrough(start: string): string[] {
  const seen = new Set<string>();
  const wayFrom = (file: string, way: string[]): string[] => {
    for (const next of imports.get(file) ?? []) {
      if (next === start) return [[...way, next].join(' -> ')];
      if (seen.has(next)) continue;
      seen.add(next);
      const found = wayFrom(next, [...way, next]);
      if (found.length > 0) return found;
    }
    return [];
  };
  return wayFrom(start, [start]);
}

it('no file outside of the folders of reports names a type of report', () => {
  const { $defs } = JSON.parse(readFileSync('contract/request.schema.json', 'utf8'));
  const types: string[] = $defs.ReportType.enum;
  const named = [...imports.keys()]
    .filter((file) => !/^reports\/.+\//.test(file))
    .flatMap((file) => {
      const text = readFileSync(join('tasks', file), 'utf8');
      return types.filter((type) => text.includes(`'${type}'`)).map((type) => `${file}: ${type}`);
    });
  expect(named).toEqual([]);
});
