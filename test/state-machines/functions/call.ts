import jsonata from 'jsonata';
import { sharedFunctions } from '../../../cdk/definitions.ts';
import { JavaRandom, stepFunctionsFunctions } from '../../../local/step-functions/expressions/functions.ts';

const shared = sharedFunctions();

/** Calls a function of state-machines/functions/ as a definition holds it, on the JSONata of Step Functions. */
export async function call(name: string, parameters: unknown[], states: object = {}) {
  const names = parameters.map((_, index) => `p${index}`);
  const expression = jsonata(`${shared[name]}(${names.map((each) => `$${each}`).join(', ')})`);
  for (const [key, [implementation, signature]] of Object.entries(
    stepFunctionsFunctions(() => new JavaRandom(0n)),
  ))
    expression.registerFunction(key, implementation as () => unknown, signature);
  const bindings = Object.fromEntries(names.map((each, index) => [each, parameters[index]]));
  // JSONata marks its arrays with properties of its own.
  const result = await expression.evaluate(null, { ...bindings, states });
  return result === undefined ? undefined : JSON.parse(JSON.stringify(result));
}
