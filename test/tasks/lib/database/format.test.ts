import { describe, expect, test } from 'vitest';
import { format } from '../../../../tasks/lib/database/format.ts';

describe('A statement', () => {
  test.each([
    ['a text', "it's", "'it''s'"],
    ['a backslash', 'a\\b', "'a\\\\b'"],
    ['what would be a pattern of a replacement', '$& $1', "'$& $1'"],
    ['a number', 7, '7'],
    ['a truth', true, 'true'],
    ['nothing', null, 'NULL'],
    ['a list', ['a', 1, null], "'a', 1, NULL"],
    ['a list of lists', [[1, 'a'], [2, 'b']], "(1, 'a'), (2, 'b')"], // biome-ignore format: rows
  ])('takes %s', (_, value, expected) => {
    expect(format('SELECT :value', { value })).toBe(`SELECT ${expected}`);
  });

  test('takes NULL for what is left out', () => {
    expect(format('SELECT :a, :aB, :a_b', { aB: 1 })).toBe('SELECT NULL, 1, NULL');
  });

  test('takes no objects', () => {
    expect(() => format('SELECT :value', { value: { toString: () => '1' } })).toThrow(TypeError);
  });

  test('has no values in texts and identifiers', () => {
    const sql = "SELECT ':a', '\\':a', ''':a', `:a`, 'a:a', '--:a'";
    expect(format(sql, { a: 1 })).toBe(sql);
  });

  test('leaves comments out', () => {
    expect(format("-- Why? It's :a.\nSELECT 1 -- `a", { a: 1 })).toBe('\nSELECT 1 ');
  });
});
