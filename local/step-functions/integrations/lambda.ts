import { StateError } from '../interpreter/errors.ts';
import type { Json, JsonObject } from '../settings.ts';
import { type Api, type Caller, callService } from './call.ts';

const api: Api = {
  service: 'lambda',
  action: 'invoke',
  errorPrefix: 'Lambda',
  unmodelledError: 'AWSLambdaException',
  serviceName: 'Lambda',
  oldCauses: false,
  optimized: true,
};

/** Invokes a function. An error of the function itself is named by its `errorType`, and its cause is the whole answer. */
export async function invokeLambda(parameters: JsonObject, caller: Caller): Promise<JsonObject> {
  const { FunctionError, ...answer } = await callService(api, withTextPayload(parameters), caller);
  const payload = String(answer.Payload ?? '');
  if (FunctionError === undefined) return { ...answer, Payload: parseJson(payload) ?? payload };
  const { errorType } = (parseJson(payload) ?? {}) as { errorType?: string };
  if (errorType) throw new StateError(errorType, payload);
  throw new StateError(
    'Lambda.Unknown',
    `The cause could not be determined because Lambda did not return an error type. Returned payload: ${payload}`,
  );
}

/** The payload is JSON whatever it is: a string goes with its quotes. */
function withTextPayload(parameters: JsonObject): JsonObject {
  return 'Payload' in parameters
    ? { ...parameters, Payload: JSON.stringify(parameters.Payload) }
    : parameters;
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
