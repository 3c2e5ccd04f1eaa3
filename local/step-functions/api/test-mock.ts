import type { State } from '../definition/language.ts';
import { mockProblem, unsupported } from '../integrations/index.ts';
import type { MockedResponse } from '../interpreter/mocks.ts';
import { object, parsed } from '../json.ts';
import type { Json, JsonObject } from '../settings.ts';
import { ApiError } from './errors.ts';
import { refusal } from './parameters.ts';

const mockable = ['Task', 'Map', 'Parallel'];

/** Checks the parameter `mock` of TestState. Throws if AWS would refuse it, or if the state needs a mock and has none. */
export function checkedMock(parameters: JsonObject, state: State): MockedResponse | undefined {
  const mock = object(parameters.mock);
  const isComposite = state.Type === 'Map' || state.Type === 'Parallel';
  if (!mock) {
    if (isComposite)
      throw new ApiError(
        'InvalidDefinition',
        'TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]',
      );
    const limit = state.Type === 'Task' ? unsupported(state.Resource!) : undefined;
    if (limit) throw refusal(limit);
    const [, pattern] = /(\.sync|\.waitForTaskToken)/.exec(state.Resource ?? '') ?? [];
    if (pattern)
      throw new ApiError(
        'InvalidDefinition',
        `TestState API does not support the '${pattern}' service integration without a mock`,
      );
    return undefined;
  }
  const { result, errorOutput, fieldValidationMode = 'STRICT' } = mock;
  if (result !== undefined && errorOutput !== undefined)
    throw refusal('A test mock should have only one of the following fields: [result, errorOutput].');
  if (parameters.revealSecrets)
    throw refusal('TestState does not support RevealSecrets when a mock is specified.');
  if (!mockable.includes(state.Type))
    throw refusal(`State type '${state.Type}' is not supported when a mock is specified`);
  const error = object(errorOutput) as { error?: string; cause?: string } | undefined;
  if (error)
    return {
      Throw: {
        ...(error.error !== undefined && { Error: error.error }),
        ...(error.cause !== undefined && { Cause: error.cause }),
      },
    };
  const answer = parsed(String(result));
  if (answer === undefined) throw refusal('Mocked result must be valid JSON');
  const isWritten = state.ResultWriter?.Resource !== undefined;
  if (isComposite && !isWritten && !Array.isArray(answer)) throw refusal('Mocked result must be an array.');
  if (isWritten && !object(answer)) throw refusal('Mocked result must be an object.');
  if (state.Type === 'Parallel' && (answer as Json[]).length !== state.Branches!.length)
    throw refusal('Mocked result must contain the same number of items as number of Parallel branches.');
  const problem =
    state.Type === 'Task' && fieldValidationMode !== 'NONE'
      ? mockProblem(state.Resource!, answer, fieldValidationMode === 'STRICT')
      : undefined;
  if (problem) throw refusal(`Mock result schema validation error: ${problem}`);
  return { Return: answer };
}
