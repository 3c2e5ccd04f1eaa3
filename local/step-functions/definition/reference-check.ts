import { comparison } from '../expressions/jsonpath.ts';
import { compile, unlessRefused } from '../expressions/path.ts';
import { list, object } from '../json.ts';
import type { Json, JsonObject } from '../settings.ts';
import { type Diagnostics, unsupportedCode } from './diagnostics.ts';

const templates = ['Parameters', 'ItemSelector', 'ResultSelector', 'Assign', 'BatchInput', 'Credentials'];
const typeTest = /^Is(Null|Present|Numeric|String|Boolean|Timestamp)$/;
const notAPath = 'Value is not a valid JSONPath';

/** Checks the paths, calls and comparisons of a state in JSONPath. Only the texts about keys that end in `.$` are AWS's. */
export function checkReferences(state: JsonObject, location: string, diagnostics: Diagnostics): void {
  for (const [holder, place] of holders(state, location)) {
    for (const field of templates) checkTemplate(holder[field], `${place}/${field}`, diagnostics);
    for (const [field, path] of Object.entries(holder))
      if (field.endsWith('Path') && path !== null)
        checkReference(path, `${place}/${field}`, notAPath, diagnostics);
  }
  list(state.Choices).forEach((rule, index) => {
    checkRule(object(rule) ?? {}, `${location}/Choices[${index}]`, diagnostics);
  });
}

/** Lists the state and its parts that can hold paths. */
function holders(state: JsonObject, location: string): [JsonObject, string][] {
  const catchers = list(state.Catch).map((item, index): [Json, string] => [item, `Catch[${index}]`]);
  const rules = list(state.Choices).map((item, index): [Json, string] => [
    { Assign: object(item)?.Assign ?? null },
    `Choices[${index}]`,
  ]);
  const parts = ['ItemReader', 'ItemBatcher', 'ResultWriter'].map((field): [Json, string] => [
    state[field] ?? null,
    field,
  ]);
  const reading: [Json, string] = [object(state.ItemReader)?.ReaderConfig ?? null, 'ItemReader/ReaderConfig'];
  const all = [...catchers, ...rules, ...parts, reading].flatMap(([part, at]): [JsonObject, string][] => {
    const fields = object(part);
    return fields ? [[fields, `${location}/${at}`]] : [];
  });
  return [[state, location], ...all];
}

function checkReference(value: Json, location: string, refusal: string, diagnostics: Diagnostics): void {
  if (typeof value === 'string' && unlessRefused(() => compile(value))) return;
  if (typeof value === 'string' && value.includes('=~'))
    diagnostics.add(unsupportedCode, `'=~' is not supported by this emulator: ${value}`, location);
  else diagnostics.schema(refusal, location);
}

function checkTemplate(value: Json | undefined, location: string, diagnostics: Diagnostics): void {
  if (!value || typeof value !== 'object') return;
  for (const [key, item] of Object.entries(value)) {
    const refusal = `The value for the field '${key}' must be a valid JSONPath or a valid intrinsic function call`;
    if (key.endsWith('.$')) checkReference(item, location, refusal, diagnostics);
    else
      checkTemplate(item, Array.isArray(value) ? `${location}[${key}]` : `${location}/${key}`, diagnostics);
  }
}

function checkRule(rule: JsonObject, location: string, diagnostics: Diagnostics): void {
  const combined = ['And', 'Or', 'Not'].find((field) => rule[field] !== undefined);
  if (combined !== undefined) {
    const parts = combined === 'Not' ? [rule.Not!] : list(rule[combined]);
    const rules = parts.map(object);
    if (rules.length === 0 || rules.some((part) => part === undefined))
      diagnostics.schema('A rule needs rules to combine', `${location}/${combined}`);
    for (const part of rules) checkRule(part ?? {}, location, diagnostics);
    return;
  }
  const operator = Object.keys(rule).find((key) => comparison.test(key) || typeTest.test(key));
  if (!operator) diagnostics.schema('A rule needs a comparison', location);
  else if (operator.endsWith('Path'))
    checkReference(rule[operator]!, `${location}/${operator}`, notAPath, diagnostics);
  checkReference(rule.Variable ?? null, `${location}/Variable`, notAPath, diagnostics);
}
