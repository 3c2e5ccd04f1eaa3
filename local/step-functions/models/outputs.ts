import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import type { Model } from './shapes.ts';

let models: Record<string, Model> | undefined;

/** Finds the model of a service by the word that follows `aws-sdk:`. The file is read on first use. */
export function outputsOf(service: string): Model | undefined {
  models ??= JSON.parse(
    brotliDecompressSync(readFileSync(join(import.meta.dirname, 'outputs.json.br'))).toString(),
  ) as Record<string, Model>;
  return Object.hasOwn(models, service) ? models[service] : undefined;
}
