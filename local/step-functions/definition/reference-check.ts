import { comparison, compile, unlessRefused } from '../expressions/jsonpath.ts';
import { list, object } from '../json.ts';
import type { Json, JsonObject } from '../settings.ts';
import { type Diagnostics, unsupportedCode } from './diagnostics.ts';

const templates = ['Parameters', 'ItemSelector', 'ResultSelector', 'Assign'];
const typeTest = /^Is(Null|Present|Numeric|String|Boolean|Timestamp)$/;

/** Checks the paths, calls and comparisons of a state in JSONPath; but for keys that end in `.$`, the texts are our own. */
export function checkReferences(state: JsonObject, location: string, diagnostics: Diagnostics): void {
  for (const field of templates) checkTemplate(state[field], `${location}/${field}`, diagnostics);
  for (const [field, path] of Object.entries(state))
    if (field.endsWith('Path') && path !== null)
      checkReference(path, `${location}/${field}`, 'Value is not a valid JSONPath', diagnostics);
  list(state.Choices).forEach((rule, index) => {
    checkRule(object(rule) ?? {}, `${location}/Choices[${index}]`, diagnostics);
  });
}

function checkReference(value: Json, location: string, refusal: string, diagnostics: Diagnostics): void {
  if (unlessRefused(() => compile(value as string))) return;
  if (/\?\(|\.\./.test(String(value)))
    diagnostics.add(
      unsupportedCode,
      `Filters and '..' are not supported by this emulator: ${value}`,
      location,
    );
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
  const inner = [...list(rule.And), ...list(rule.Or), ...(rule.Not ? [rule.Not] : [])];
  for (const part of inner) checkRule(object(part) ?? {}, location, diagnostics);
  if (inner.length > 0) return;
  if ('StringMatches' in rule)
    diagnostics.add(unsupportedCode, 'StringMatches is not supported by this emulator', location);
  else if (!Object.keys(rule).some((key) => comparison.test(key) || typeTest.test(key)))
    diagnostics.schema('A rule needs a comparison', location);
  checkReference(rule.Variable ?? null, `${location}/Variable`, 'Value is not a valid JSONPath', diagnostics);
}
