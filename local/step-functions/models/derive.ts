// Derives the two files of this folder from the models of AWS's services, as botocore has them:
//   node local/step-functions/models/derive.ts $(python3 -c 'import botocore; print(botocore.__path__[0])')/data
// botocore is Debian's package python3-botocore, or PyPI's.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gunzipSync } from 'node:zlib';

interface BotocoreShape {
  type: string;
  enum?: string[];
  min?: number;
  max?: number;
  sensitive?: boolean;
  /** Any JSON. */
  document?: boolean;
  required?: string[];
  members?: Record<string, { shape: string }>;
  member?: { shape: string };
  value?: { shape: string };
}
interface BotocoreModel {
  metadata: { serviceId: string };
  operations: Record<string, { input?: { shape: string }; output?: { shape: string } }>;
  shapes: Record<string, BotocoreShape>;
}

/** Bounds that Step Functions checked in December 2025 (recorded), which services have raised since. */
const recordedBounds: Record<string, number> = { MemorySize: 10_240 };
const numbers = ['integer', 'long', 'float', 'double'];
const [data] = process.argv.slice(2);
if (!data) throw new Error('Which folder holds the models?');
const folders = readdirSync(data, { withFileTypes: true }).filter((entry) => entry.isDirectory());
const models = folders.flatMap(({ name }) => modelIn(join(data, name)) ?? []);

const outputs = models.map((model) => [
  model.metadata.serviceId.toLowerCase().replace(/[^a-z0-9]/g, ''),
  derived(model, 'output', { names: pascalCase, keep: [] }),
]);
const text = Buffer.from(JSON.stringify(Object.fromEntries(outputs)));
const params = {
  [constants.BROTLI_PARAM_QUALITY]: 11,
  [constants.BROTLI_PARAM_LGWIN]: 24,
  [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
};
writeFileSync(join(import.meta.dirname, 'outputs.json.br'), brotliCompressSync(text, { params }));

const sfn = models.find(({ metadata }) => metadata.serviceId === 'SFN')!;
const inputs = derived(sfn, 'input', { names: (name) => name, keep: ['sensitive'] });
writeFileSync(join(import.meta.dirname, 'inputs.json'), `${JSON.stringify(inputs, null, 1)}\n`);

function modelIn(folder: string): BotocoreModel | undefined {
  const versions = readdirSync(folder, { recursive: true }).map(String);
  const file = versions
    .filter((name) => name.endsWith('service-2.json.gz'))
    .sort()
    .at(-1);
  return file === undefined
    ? undefined
    : (JSON.parse(gunzipSync(readFileSync(join(folder, file))).toString()) as BotocoreModel);
}

/** The shapes that the inputs or outputs of a service's operations are made of; operations are named in small letters. */
function derived(
  { operations, shapes }: BotocoreModel,
  side: 'input' | 'output',
  { names, keep }: { names: (member: string) => string; keep: 'sensitive'[] },
) {
  const found: Record<string, object> = {};
  const add = (name: string): string => {
    if (found[name]) return name;
    found[name] = {};
    const { type, members, required = [], member, value, enum: values, min, max, ...rest } = shapes[name]!;
    if (rest.document) return name;
    if (members) {
      const entries = Object.entries(members).map(([key, { shape }]) => [names(key), add(shape)]);
      found[name] = {
        members: Object.fromEntries(entries),
        ...(required.length > 0 && { required: required.map(names) }),
      };
    } else if (member) found[name] = { list: add(member.shape) };
    else if (value) found[name] = { map: add(value.shape) };
    else {
      const simple = numbers.includes(type) ? 'number' : type === 'boolean' ? type : 'string';
      const bounds = simple === 'number' || side === 'input';
      found[name] = {
        type: simple,
        ...(values && { enum: values }),
        ...(bounds && { min, max: recordedBounds[name] ?? max }),
        ...Object.fromEntries(keep.filter((flag) => rest[flag]).map((flag) => [flag, true])),
      };
    }
    return name;
  };
  const entries = Object.entries(operations).flatMap(([name, operation]) => {
    const shape = operation[side]?.shape;
    return shape ? [[name.toLowerCase(), add(shape)]] : [];
  });
  return { operations: Object.fromEntries(entries), shapes: found };
}

function pascalCase(name: string): string {
  return name[0]!.toUpperCase() + name.slice(1);
}
