import { createHash } from 'node:crypto';
import { parseJson } from '../json.ts';

/** Fails an evaluation with one of AWS's messages that has no JSONata code. */
export class LimitError extends Error {}

/** AWS's message for a value or an evaluation that needs too much memory. */
export const memoryLimit = 'Expression evaluation memory limit exceeded: Check for excessive memory usage';
/** The most items that `$range` makes (measured, floci PR2790). */
const longestRange = 360_145;
const hashes: Record<string, string> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

/** The generator of java.util.Random, which AWS uses: `$random(42)` is 0.7275636800328681 (measured, floci#2662). */
export class JavaRandom {
  private state: bigint;

  constructor(seed: bigint) {
    this.state = (seed ^ 0x5deece66dn) & 0xffffffffffffn;
  }

  private next(bits: bigint): bigint {
    this.state = (this.state * 0x5deece66dn + 0xbn) & 0xffffffffffffn;
    return this.state >> (48n - bits);
  }

  /** At least 0, below 1. */
  double(): number {
    return Number((this.next(26n) << 27n) + this.next(27n)) / 2 ** 53;
  }

  uuid(): string {
    const hex = Array.from({ length: 8 }, () => this.next(16n).toString(16).padStart(4, '0')).join('');
    const variant = '89ab'[Number.parseInt(hex[16]!, 16) & 3];
    return [
      hex.slice(0, 8),
      hex.slice(8, 12),
      `4${hex.slice(13, 16)}`,
      variant + hex.slice(17, 20),
      hex.slice(20),
    ].join('-');
  }
}

/** The functions that Step Functions adds to JSONata or defines differently from the npm package, each with its signature. */
export function stepFunctionsFunctions(
  generator: () => JavaRandom,
): Record<string, [(...args: never[]) => unknown, string]> {
  return {
    partition: [partition, '<a-n:a>'],
    range: [range, '<n-nn?:a>'],
    hash: [hash, '<s-s?:s>'],
    random: [
      (seed?: number) =>
        (seed === undefined ? generator() : new JavaRandom(BigInt(Math.trunc(seed)))).double(),
      '<n?:n>',
    ],
    uuid: [() => generator().uuid(), '<:s>'],
    parse: [parse, '<s-:x>'],
    string: [string, '<x-b?:s>'],
    base64encode: [
      (text?: string) => (text === undefined ? undefined : Buffer.from(text).toString('base64')),
      '<s-:s>',
    ],
    base64decode: [
      (text?: string) => (text === undefined ? undefined : Buffer.from(text, 'base64').toString()),
      '<s-:s>',
    ],
  };
}

/** Truncates its arguments toward zero; impossible ones give undefined (measured, floci#2662, PR2676). */
function partition(array: unknown[] | undefined, size: number | undefined): unknown[][] | undefined {
  if (array === undefined || size === undefined) return undefined;
  const length = Math.trunc(size);
  if (length < 0) throw new LimitError('The chunk size must not be negative');
  if (length === 0 || array.length === 0) return undefined;
  return Array.from({ length: Math.ceil(array.length / length) }, (_, i) =>
    array.slice(i * length, (i + 1) * length),
  );
}

function range(start?: number, end?: number, step?: number): number[] | number | undefined {
  if (start === undefined || end === undefined || step === undefined) return undefined;
  const [first, last, by] = [Math.trunc(start), Math.trunc(end), Math.trunc(step)];
  const length = Math.floor((last - first) / by) + 1;
  if (by === 0 || length < 1) return undefined;
  if (length > longestRange) throw new LimitError(memoryLimit);
  return length === 1 ? first : Array.from({ length }, (_, i) => first + i * by);
}

function hash(text?: string, algorithm?: string): string | undefined {
  if (text === undefined || algorithm === undefined) return undefined;
  const name = Object.hasOwn(hashes, algorithm) ? hashes[algorithm] : undefined;
  if (!name) throw new LimitError(`Unsupported hash algorithm: ${algorithm}`);
  return createHash(name).update(text).digest('hex');
}

function parse(text?: string): unknown {
  if (text === undefined) return undefined;
  try {
    return parseJson(text);
  } catch {
    throw new LimitError('The argument of $parse is not JSON');
  }
}

/** Writes whole numbers below 1e21 in full, as AWS does (measured, floci#2669); the package rounds them to 15 digits. */
function string(value: unknown, prettify?: boolean): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string') return value;
  const readable = (_: string, member: unknown) => {
    if (typeof member === 'number' && !Number.isFinite(member)) return String(member);
    if (typeof member === 'number' && !Number.isInteger(member)) return Number(member.toPrecision(15));
    return isFunction(member) ? '' : member;
  };
  const text = JSON.stringify(value, readable, prettify ? 2 : 0);
  return typeof value === 'object' && !isFunction(value) ? text : text.replace(/^"(.*)"$/, '$1');
}

/** Recognizes functions, lambdas and regular expressions of JSONata, which cannot be results. */
export function isFunction(value: unknown): boolean {
  if (typeof value === 'function') return true;
  const tagged = value as { _jsonata_function?: boolean; _jsonata_lambda?: boolean } | null;
  return typeof value === 'object' && Boolean(tagged?._jsonata_function || tagged?._jsonata_lambda);
}
