// Random overlays and their restores, with failures everywhere and a second writer beside them:
//   node --import ./test/support/sql-hook.ts test/tasks/reports/coding-overlay/property.ts RUNS [SEED]
// Prints what differs, and ends with 1 when anything does.
import { stringify } from 'csv-stringify/sync';
import type { Connection } from 'mysql2/promise';
import type { OverlayParameters } from '../../../../tasks/reports/coding-overlay/job.ts';
import {
  type Faults,
  jobOf,
  putLoadFile,
  runOverlay,
  type Stage,
  startStage,
  stateOf,
} from './overlay-run.ts';

type Random = () => number;

/** Numbers from 0 to 1, the same for a seed. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const texts = [
  '',
  ' ',
  'a',
  'A',
  'a ',
  'Kevlar',
  'kevlar',
  'é',
  'e\u0301',
  'ß',
  'ss',
  '日本',
  '😀',
  '\\',
  '\\;',
  "'",
  '"',
  ';',
  'a;b',
  '%',
  ':x',
  '=1+1',
  '000123',
  '123',
  '1-2',
  '\r\n',
  'x\ny',
  '\t',
  '\u00a0',
  'NULL',
  '[CLEAR]',
  '0',
  '{"a":null}',
  "'; DROP TABLE exhibits; --",
  'long '.repeat(50).trim(),
];
const notes = [...texts, 'long '.repeat(3000).trim()];
const tables = [
  'exhibits',
  'exhibit_values',
  'tags',
  'taggings',
  'custom_fields',
  'model_audits',
  'overlay_turns',
  'elasticsearch_index_requests',
  'relevancy_logs',
  'privilege_logs',
  'confidentiality_logs',
];
const columns = ['title', 'author', 'document_type', 'notes'];
const lists = ['recipients', 'custodians', 'issues'];
const places: Record<string, string> = { recipients: 'recipient', custodians: 'custodian', issues: 'issue' };

/** One overlay and its restore; gives what is not as it should be. */
export async function runOnce(stage: Stage, seed: number): Promise<string[]> {
  const random = randomOf(seed);
  const int = (limit: number) => Math.floor(random() * limit);
  const pick = <Item>(items: readonly Item[]) => items[int(items.length)]!;
  const maybe = (chance: number) => random() < chance;
  const connection = await stage.connect();
  const problems: string[] = [];
  try {
    const count = 1 + int(40);
    await fill(connection, count, pick, maybe, int);
    const initial = await stateOf(connection);

    // A second writer: columns, lists, deletions, between the steps and while chunks are written.
    // Of each document the last edit: an earlier one may be overlaid, and a later one keeps that from being restored.
    const touched = new Map<number, Map<string, string>>();
    const deleted = new Set<number>();
    const other = await stage.connect();
    let edits = 0;
    let editing = Promise.resolve();
    const edit = () => {
      editing = editing.then(editOnce);
      return editing;
    };
    const editOnce = async () => {
      const id = 1 + int(count);
      if (deleted.has(id)) return;
      await other.beginTransaction();
      try {
        const lock = 'SELECT id FROM exhibits WHERE id = ? FOR UPDATE';
        await other.query({ sql: lock, values: [id], namedPlaceholders: false } as never);
        const kind = int(10);
        const mine = new Map<string, string>();
        if (kind === 0) {
          await other.query(`DELETE FROM exhibits WHERE id = ${id}`);
          deleted.add(id);
        } else if (kind < 7) {
          const column = pick(columns);
          // No value of the load file or of the start, which could not be told apart.
          const value = `${seed} other ${++edits}`;
          const sql = `UPDATE exhibits SET ${column} = ? WHERE id = ${id}`;
          await other.query({ sql, values: [value], namedPlaceholders: false } as never);
          mine.set(column, JSON.stringify(value));
        } else {
          const field = pick(lists);
          await other.query(
            `DELETE FROM exhibit_values WHERE exhibit_id = ${id} AND field = '${places[field]}'`,
          );
          const values = Array.from({ length: 1 + int(3) }, () => `${seed} other ${++edits}`);
          for (const [index, value] of values.entries()) {
            const sql =
              'INSERT INTO exhibit_values (npcase_id, exhibit_id, field, position, value) VALUES (1, ?, ?, ?, ?)';
            await other.query({
              sql,
              values: [id, places[field], index + 1, value],
              namedPlaceholders: false,
            } as never);
          }
          mine.set(field, values.map((value) => JSON.stringify(value)).join(''));
        }
        await other.commit();
        touched.set(id, mine);
      } catch (error) {
        await other.rollback();
        if (![1205, 1213].includes((error as { errno: number }).errno)) throw error;
      }
    };
    const writes = maybe(0.7);
    let isEnding = false;
    const beside = (async () => {
      while (writes && !isEnding) {
        await new Promise((resolve) => setTimeout(resolve, int(6)));
        if (maybe(0.3)) await edit();
      }
    })();

    const chance = maybe(0.8) ? random() * 0.06 : 0;
    const faults: Faults = () => (random() < chance ? pick(['before', 'after'] as const) : undefined);
    const { file, parameters } = loadFileOf(count, pick, maybe, int);
    const loadFile = await putLoadFile(stage, `property-${seed}.csv`, file);
    const overlay = jobOf(stage, `p${seed}`, { loadFile, ...parameters });
    let updated = 0;
    let restorable = 0;
    const between = async () => {
      if (writes && maybe(0.5)) await edit();
    };
    try {
      const results = await runOverlay(stage, overlay, faults, between);
      updated = results.counts.documentsUpdated + results.counts.familyUpdated;
      const [[audits]] = (await connection.query(
        `SELECT COUNT(*) AS n, COUNT(DISTINCT auditable_id) AS m FROM model_audits WHERE job_id = 'p${seed}'`,
      )) as unknown as [[{ n: number; m: number }]];
      const [[requests]] = (await connection.query(
        'SELECT COUNT(*) AS n FROM elasticsearch_index_requests',
      )) as unknown as [[{ n: number }]];
      if (audits.n !== updated || audits.m !== updated || requests.n !== updated)
        problems.push(`${updated} updated, ${audits.n} audit rows, ${requests.n} index requests`);
      if (!results.stopped) {
        const restore = await runOverlay(
          stage,
          jobOf(stage, `r${seed}`, { restore: `p${seed}` }),
          faults,
          between,
        );
        restorable = restore.counts.rowsRead;
        if (restorable !== updated) problems.push(`${updated} updated, ${restorable} to be restored`);
        if (!writes && results.counts.choicesCreated === 0) {
          // All is as it was, but for new choices: a run without failures must count the same.
          const clean = await runOverlay(stage, jobOf(stage, `c${seed}`, { loadFile, ...parameters }));
          const numbers = [results, clean].map(({ counts }) =>
            JSON.stringify({ ...counts, choicesCreated: 0 }),
          );
          if (numbers[0] !== numbers[1]) problems.push(`${numbers[0]} with failures, ${numbers[1]} without`);
          await runOverlay(stage, jobOf(stage, `d${seed}`, { restore: `c${seed}` }));
        }
      }
    } finally {
      isEnding = true;
      await beside;
      await other.end();
    }
    const final = await stateOf(connection);
    for (const [id, before] of initial) {
      const after = final.get(id);
      const mine = touched.get(id);
      if (deleted.has(id)) {
        if (after) problems.push(`document ${id} came back`);
        continue;
      }
      for (const name of new Set([...Object.keys(before), ...Object.keys(after ?? {})])) {
        const expected = mine?.has(name) ? mine.get(name) : mine ? 'any' : before[name];
        if (expected !== 'any' && after?.[name] !== expected)
          problems.push(
            `document ${id}, ${name}: ${expected?.slice(0, 80)} became ${after?.[name]?.slice(0, 80)}`,
          );
      }
    }
    const [turns] = (await connection.query(
      'SELECT job_id FROM overlay_turns WHERE job_id IS NOT NULL',
    )) as unknown as [unknown[]];
    if (turns.length > 0) problems.push('the turn was kept');
  } finally {
    await connection.end();
  }
  return problems;
}

type Chance = (chance: number) => boolean;
type Pick = <Item>(items: readonly Item[]) => Item;

async function fill(
  connection: Connection,
  count: number,
  pick: Pick,
  maybe: Chance,
  int: (limit: number) => number,
) {
  for (const table of tables) await connection.query(`TRUNCATE ${table}`);
  const insert = (table: string, names: string[], rows: unknown[][]) =>
    rows.length === 0
      ? undefined
      : connection.query({
          sql: `INSERT INTO ${table} (${names.join()}) VALUES ?`,
          values: [rows],
          namedPlaceholders: false,
        } as never);
  const text = (longest = 255) => (maybe(0.2) ? null : pick(texts).slice(0, longest));
  await insert(
    'exhibits',
    [
      'id',
      'npcase_id',
      'parent_id',
      'title',
      'author',
      'document_type',
      'notes',
      'document_date',
      'relevancy_status',
      'withheld',
      'trashed_at',
      'created_at',
    ],
    Array.from({ length: count }, (_, index) => [
      index + 1,
      1,
      index > 3 && maybe(0.4) ? 1 + int(4) : null,
      text(),
      text(),
      text(50),
      maybe(0.3) ? pick(notes) : text(),
      maybe(0.5) ? '2024-02-29' : null,
      maybe(0.5) ? pick(['Responsive', 'Non-Responsive']) : null,
      int(2),
      maybe(0.05) ? '2024-01-01' : null,
      '2024-01-01',
    ]),
  );
  const values: unknown[][] = [];
  const tags = new Set<string>();
  const taggings: [number, string][] = [];
  for (let id = 1; id <= count; id++) {
    for (const field of Object.values(places))
      for (let position = 1; maybe(0.5); position++)
        values.push([1, id, field, position, pick(texts) || 'x']);
    while (maybe(0.5)) {
      const name = pick(texts);
      const key = JSON.stringify([pick([null, 1, 2]), name]);
      tags.add(key);
      taggings.push([id, key]);
    }
  }
  await insert('exhibit_values', ['npcase_id', 'exhibit_id', 'field', 'position', 'value'], values);
  await insert(
    'custom_fields',
    ['id', 'npcase_id', 'title', 'input_type'],
    [
      [1, 1, 'Deal No.', 'text'],
      [2, 1, 'Region', 'multiselect'],
    ],
  );
  const ids = [...tags];
  await insert(
    'tags',
    ['id', 'npcase_id', 'custom_field_id', 'name'],
    ids.map((key, index) => [index + 1, 1, ...JSON.parse(key)]),
  );
  await insert(
    'taggings',
    ['npcase_id', 'exhibit_id', 'tag_id'],
    taggings.map(([id, key]) => [1, id, ids.indexOf(key) + 1]),
  );
}

const headers = [
  'Title',
  'Author',
  'Document Type',
  'Notes',
  'Document Date',
  'Relevancy Status',
  'Withheld',
  'Recipients',
  'Custodian(s)',
  'Issues',
  'Tags',
  'Deal No.',
  'Region',
  'page_count',
];

function loadFileOf(count: number, pick: Pick, maybe: Chance, int: (limit: number) => number) {
  const used = headers.filter(() => maybe(0.4));
  const cell = (header: string): string => {
    if (maybe(0.2)) return pick(['', '[CLEAR]']);
    if (header === 'Document Date')
      return pick(['2024-01-05', '1/5/2024', '2/30/2024', '5 Jan 2024', '45123', '0000-00-00']);
    if (header === 'Relevancy Status')
      return pick(['responsive', 'not responsive', 'Requires follow-up', 'maybe']);
    if (header === 'Withheld') return pick(['yes', 'N', '1', 'x']);
    if (header === 'Notes') return pick(notes);
    return maybe(0.3) ? `${pick(texts)};${pick(texts)}` : pick(texts);
  };
  const rows = Array.from({ length: 1 + int(60) }, () => [`${1 + int(count + 2)}`, ...used.map(cell)]);
  const parameters: Partial<OverlayParameters> = {
    multiValueMode: pick(['replace', 'append', 'remove']),
    blankMeans: pick(['skip', 'clear']),
    createMissingChoices: maybe(0.7),
    rowAtomic: maybe(0.2),
    applyToFamily: maybe(0.3),
    longText: pick(['error', 'truncate']),
  };
  // Most rows name a document once, so that they are written.
  const seen = new Set<string>();
  const once = maybe(0.8) ? rows.filter(([id]) => !seen.has(id!) && seen.add(id!)) : rows;
  const file = stringify([['nextpoint_id', ...used], ...once], { record_delimiter: '\r\n', quoted: true });
  return { file, parameters };
}

if (import.meta.main) {
  const runs = Number(process.argv[2] ?? 100);
  const first = Number(process.argv[3] ?? 1);
  const stage = await startStage();
  const started = Date.now();
  let differences = 0;
  for (let seed = first; seed < first + runs; seed++) {
    const problems = await runOnce(stage, seed);
    if (problems.length > 0) console.log(`seed ${seed}:\n  ${problems.join('\n  ')}`);
    differences += problems.length;
  }
  console.log(`${runs} runs, ${differences} differences, ${Math.round((Date.now() - started) / 1000)} s.`);
  await stage.stop();
  process.exitCode = differences > 0 ? 1 : 0;
}
