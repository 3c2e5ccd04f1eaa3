import { readdirSync, readFileSync } from 'node:fs';
import { TrinoSQL } from 'dt-sql-parser';
import { describe, expect, test } from 'vitest';

const folder = 'tasks/reports/search-hit';
const files = readdirSync(folder).filter((name) => name.endsWith('.sql'));
const errors = (sql: string) => new TrinoSQL().validate(sql).map(({ message }) => message);

// Athena is Trino; DuckDB, which counts here, takes much that Trino refuses.
describe('the queries of the search hit report', () => {
  test('are there', () => expect(files.length).toBeGreaterThan(2));

  test.for(files)("%s is in Trino's grammar", (file) => {
    expect(errors(readFileSync(`${folder}/${file}`, 'utf8'))).toEqual([]);
  });

  test.for(files)('%s keeps to what Trino and DuckDB count alike', (file) => {
    const sql = readFileSync(`${folder}/${file}`, 'utf8').replace(/--.*/g, '');
    // Division, approximate functions and concatenation differ, with NULL or with whole numbers.
    expect(sql).not.toMatch(/\/|\bapprox_|\|\||\bconcat\b|"|::|\bunnest\b/i);
  });
});

test.for([
  'SELECT a FROM t GROUP BY ALL',
  'SELECT a::varchar FROM t',
  'SELECT DISTINCT ON (a) a FROM t',
  'SELECT a FROM t QUALIFY row_number() OVER () = 1',
  'SELECT 5 // 2',
])('The gate refuses what DuckDB alone takes: %s', (sql) => {
  expect(errors(sql)).not.toEqual([]);
});
