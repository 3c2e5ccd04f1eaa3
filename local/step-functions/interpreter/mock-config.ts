import { readFileSync } from 'node:fs';
import { StateError } from './errors.ts';
import type { MockedResponse, Mocks } from './mocks.ts';

/** `MockConfigFile.json` as AWS documents it for Step Functions Local. */
interface MockConfigFile {
  /** The name of the response for each mocked state, by machine and test case. */
  StateMachines?: Record<string, { TestCases: Record<string, Record<string, string>> }>;
  /** The responses by name and attempts, such as `0` and `1-2`. */
  MockedResponses?: Record<string, Record<string, MockedResponse>>;
}

/** Reads the mocks of one execution of a test case. Throws if the file lacks one, or if its attempts are not contiguous. */
export function mocksOf(path: string | undefined, machine: string, testCase: string): Mocks {
  if (!path)
    throw new Error('A test case needs a mock configuration: SFN_MOCK_CONFIG or the option mockConfig');
  const file = JSON.parse(readFileSync(path, 'utf8')) as MockConfigFile;
  const states = file.StateMachines?.[machine]?.TestCases[testCase];
  if (!states) throw new Error(`${path} has no test case '${testCase}' of the state machine '${machine}'`);
  const responses = new Map(
    Object.entries(states).map(([state, name]) => {
      const attempts = file.MockedResponses?.[name];
      if (!attempts) throw new Error(`${path} has no mocked response '${name}'`);
      return [state, inTurn(name, attempts)];
    }),
  );
  return {
    next(state) {
      const rest = responses.get(state);
      if (!rest) return undefined;
      const response = rest.shift();
      if (response) return response;
      throw new StateError(
        'States.Runtime',
        `There is no mocked response for one more attempt of '${state}'`,
      );
    },
  };
}

function inTurn(name: string, attempts: Record<string, MockedResponse>): MockedResponse[] {
  const all: MockedResponse[] = [];
  const sorted = Object.entries(attempts).sort(([a], [b]) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
  for (const [range, response] of sorted) {
    const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(range) ?? [];
    if (Number(first) !== all.length)
      throw new Error(`The attempts of the mocked response '${name}' must follow each other: ${range}`);
    for (let attempt = Number(first); attempt <= Number(last); attempt++) all.push(response);
  }
  return all;
}
