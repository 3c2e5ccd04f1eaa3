import { checkSize, StateError } from '../interpreter/errors.ts';
import { isTooDeep, object, parsed } from '../json.ts';
import type { JsonObject } from '../settings.ts';
import { type Api, type Caller, callService } from './call.ts';

/** The API of the optimized integration `lambda:invoke`. */
export const lambdaApi: Api = {
  service: 'lambda',
  action: 'invoke',
  errorPrefix: 'Lambda',
  unmodelledError: 'AWSLambdaException',
  serviceName: 'AWSLambda',
  oldCauses: true,
  optimized: true,
};

/** Invokes a function. An error of the function itself is named by its `errorType`, and its cause is the whole answer. */
export async function invokeLambda(parameters: JsonObject, caller: Caller): Promise<JsonObject> {
  const { FunctionError, ...answer } = await callService(lambdaApi, withTextPayload(parameters), caller);
  const payload = String(answer.Payload ?? '');
  if (isTooDeep(payload)) checkSize(payload, 'lambda');
  if (FunctionError === undefined) return { ...answer, Payload: parsed(payload) ?? payload };
  const { errorType } = object(parsed(payload)) ?? {};
  if (typeof errorType === 'string' && errorType) throw new StateError(errorType, payload);
  throw new StateError(
    'Lambda.Unknown',
    `The cause could not be determined because Lambda did not return an error type. Returned payload: ${payload}`,
  );
}

/** Sends a string that is JSON unchanged, null as an empty object, and any other value as its JSON (recorded). */
function withTextPayload(parameters: JsonObject): JsonObject {
  const { Payload: payload = null } = parameters;
  if (!('Payload' in parameters) || (typeof payload === 'string' && parsed(payload) !== undefined))
    return parameters;
  return { ...parameters, Payload: JSON.stringify(payload ?? {}) };
}
