import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import type { Model } from './shapes.ts';

let models: Record<string, Model> | undefined;

/** The model of a service, by the word that follows `aws-sdk:`; read when first needed. Undefined for a service that is not known. */
export function outputsOf(service: string): Model | undefined {
  models ??= JSON.parse(
    brotliDecompressSync(readFileSync(join(import.meta.dirname, 'outputs.json.br'))).toString(),
  ) as Record<string, Model>;
  return Object.hasOwn(models, service) ? models[service] : undefined;
}
