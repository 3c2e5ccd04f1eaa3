// The parts of a report across cases, read in the order of the case list and a little ahead.
import type { Readable } from 'node:stream';
import { GetObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import type { Field } from '../lib/cells/columns.ts';
import type { Row } from '../lib/database/rows.ts';
import { PartMissing, StorageUnavailable } from '../lib/errors.ts';
import { type CaseItem, keys, type Outcome } from '../lib/files/parts.ts';
import { setting } from '../lib/settings.ts';

/** Cases whose files are asked for at once: S3 takes some milliseconds for each. */
const readAhead = 16;
/** Bytes of a part up to which it is read ahead as a whole. */
const small = 1024 * 1024;

type Body = Readable & { transformToString(): Promise<string> };

/** A case of the list with its outcome, and its part when that was small enough to be read ahead. */
type Read = { item: CaseItem; outcome: Outcome; part?: string };

export class Parts {
  readonly #storage: S3Client;
  readonly #folder: string;
  #keys?: Promise<Set<string>>;

  /** @param folder `{env}/tmp/{reportType}-{jobId}/` */
  constructor(storage: S3Client, folder: string) {
    this.#storage = storage;
    this.#folder = folder;
  }

  /** The columns, the rows that belong to no case, and when reading began: milliseconds since 1970. */
  async account(): Promise<{ fields: Field[]; rows: AsyncIterable<Row>; readAt: number }> {
    const key = keys.account(this.#folder);
    const { Body, LastModified } = await this.#object(key);
    const lines = linesIn(Body, key);
    const { value } = await lines.next();
    const fields = parsed<Field[]>(value ?? '', key);
    return { fields, rows: rowsIn(lines, key), readAt: LastModified!.getTime() };
  }

  /**
   * Every case in the order of the list. Throws PartMissing for one without an outcome of its own and for a file that is cut,
   * StorageUnavailable.
   */
  async *cases(): AsyncGenerator<Read> {
    const ahead: Promise<Read>[] = [];
    // In memory, some 200 bytes a case: a stream would be held up by a long part until S3 gives up.
    const key = keys.cases(this.#folder);
    for (const line of linesOf(await this.#text(key))) {
      const read = this.#read(parsed(line, key));
      // Whoever waits for it learns of the error; until then it must not end the process.
      read.catch(() => {});
      ahead.push(read);
      if (ahead.length === readAhead) yield await ahead.shift()!;
    }
    while (ahead.length > 0) yield await ahead.shift()!;
  }

  /** The rows of a case. Throws PartMissing when they are cut, or not as many as its outcome says. */
  async *rows({ item, outcome, part }: Read): AsyncGenerator<Row> {
    if (outcome.status !== 'ok') return;
    const key = keys.part(this.#folder, item.index);
    const lines = part === undefined ? this.#lines(key) : iterate(linesOf(part));
    await lines.next();
    let count = 0;
    for await (const row of rowsIn(lines, key)) {
      count++;
      yield row;
    }
    if (count !== outcome.rows) throw new PartMissing(`${key} has ${count} rows instead of ${outcome.rows}.`);
  }

  async #read(item: CaseItem): Promise<Read> {
    const key = keys.outcome(this.#folder, item.index);
    const outcome = parsed<Outcome>(await this.#text(key), key);
    if (outcome.caseId !== item.caseId)
      throw new PartMissing(`${key} is of case ${outcome.caseId} instead of ${item.caseId}.`);
    if (outcome.status !== 'ok' || outcome.bytes > small) return { item, outcome };
    return { item, outcome, part: await this.#text(keys.part(this.#folder, item.index)) };
  }

  async #text(key: string): Promise<string> {
    const { Body } = await this.#object(key);
    return await Body.transformToString().catch((error) => {
      throw unreadable(key, error);
    });
  }

  async *#lines(key: string): AsyncGenerator<string, undefined> {
    const { Body } = await this.#object(key);
    yield* linesIn(Body, key);
  }

  async #object(Key: string): Promise<{ Body: Body; LastModified?: Date }> {
    this.#keys ??= this.#list();
    if (!(await this.#keys).has(Key)) throw new PartMissing(`There is no ${Key}.`);
    try {
      const object = new GetObjectCommand({ Bucket: setting('REPORTS_BUCKET'), Key });
      const { Body, LastModified } = await this.#storage.send(object);
      return { Body: Body as Body, LastModified };
    } catch (error) {
      throw unreadable(Key, error);
    }
  }

  /** Every key there is. A missing file is told by it, since whoever may not list the whole bucket gets a 403 for one. */
  async #list(): Promise<Set<string>> {
    const found = new Set<string>();
    try {
      const folder = { Bucket: setting('REPORTS_BUCKET'), Prefix: this.#folder };
      for await (const { Contents = [] } of paginateListObjectsV2({ client: this.#storage }, folder))
        for (const { Key } of Contents) found.add(Key!);
    } catch (error) {
      throw unreadable(this.#folder, error);
    }
    return found;
  }
}

async function* linesIn(body: Body, key: string): AsyncGenerator<string, undefined> {
  try {
    let rest = '';
    for await (const chunk of body.setEncoding('utf8')) {
      const lines: string[] = (rest + chunk).split('\n');
      rest = lines.pop()!;
      yield* lines;
    }
  } catch (error) {
    throw unreadable(key, error);
  } finally {
    body.destroy();
  }
}

/** Every line ends in a line feed. Readline would take more characters for an end. */
function linesOf(text: string): string[] {
  return text.split('\n').slice(0, -1);
}

async function* iterate<Value>(values: Value[]): AsyncGenerator<Value, undefined> {
  yield* values;
}

async function* rowsIn(lines: AsyncIterable<string>, key: string): AsyncGenerator<Row> {
  for await (const line of lines) yield parsed(line, key);
}

function parsed<Value>(line: string, key: string): Value {
  try {
    return JSON.parse(line);
  } catch {
    // The parser's message would quote a value.
    throw new PartMissing(`${key} has a line that is not JSON.`);
  }
}

function unreadable(key: string, error: unknown): Error {
  return new StorageUnavailable(`S3 did not give ${key} (${(error as Error).name}).`);
}
