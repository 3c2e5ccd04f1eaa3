/** Numbers of at least 0 and below 1 that are the same for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface Shape {
  random: () => number;
  /** The seconds of each Wait. */
  seconds: () => number;
  /** How deep Parallel and Map states may stand in one another. */
  depth: number;
}

/**
 * The states of a machine that takes and gives a list of words, made by chance: each state adds what it has seen. Its
 * Tasks call the function `echo`. The words tell which way the execution took, what its variables were, and what came
 * out of which branch.
 */
export function statesOf(shape: Shape): Record<string, object> {
  let count = 0;
  const pick = (most: number) => Math.floor(shape.random() * most);
  const block = (depth: number, variable: string) => {
    const names = Array.from({ length: 1 + pick(4) }, () => `S${++count}`);
    const states: [string, object][] = names.map((name, index) => {
      const way = index + 1 < names.length ? { Next: names[index + 1] } : { End: true };
      return [name, state(name, depth, variable, way, names[index + 1])];
    });
    return { StartAt: names[0], States: Object.fromEntries(states) };
  };
  const state = (
    name: string,
    depth: number,
    variable: string,
    way: object,
    next: string | undefined,
  ): object => {
    const add = (words: string) => `{% $append($states.input, [${words}]) %}`;
    const joined = `{% ['${name}', $states.result.$join($, ',')] %}`;
    const Assign = { [variable]: `{% $states.input[-1] & '${name}' %}` };
    switch (pick(depth > 0 ? 7 : 4)) {
      case 0:
        return {
          Type: 'Pass',
          Output: add(`'${name}', $exists($${variable}) ? $${variable} : 'none'`),
          Assign,
          ...way,
        };
      case 1:
        return { Type: 'Wait', Seconds: shape.seconds(), Output: add(`'${name}'`), ...way };
      case 2:
        if (!next) return { Type: 'Succeed', Output: add(`'${name}'`) };
        return {
          Type: 'Choice',
          Choices: [{ Condition: '{% $count($states.input) % 2 = 0 %}', Output: add(`'even'`), Next: next }],
          Output: add(`'odd'`),
          Default: next,
        };
      case 3:
        return {
          Type: 'Task',
          Resource: 'arn:aws:states:::lambda:invoke',
          Arguments: { FunctionName: 'echo', Payload: add(`'${name}'`) },
          Output: '{% $states.result.Payload %}',
          Assign,
          ...way,
        };
      case 4:
      case 5: {
        const Branches = Array.from({ length: 1 + pick(3) }, () => block(depth - 1, `${variable}${count}`));
        return { Type: 'Parallel', Branches, Output: joined, ...way };
      }
      default: {
        const Mode = shape.random() < 0.5 ? 'INLINE' : 'DISTRIBUTED';
        const ItemProcessor = {
          ProcessorConfig: { Mode, ...(Mode === 'DISTRIBUTED' && { ExecutionType: 'STANDARD' }) },
        };
        return {
          Type: 'Map',
          Items: "{% [['a'], ['b', $states.input[-1]], ['c']] %}",
          MaxConcurrency: 1 + pick(3),
          ItemProcessor: { ...ItemProcessor, ...block(depth - 1, `${variable}${count}`) },
          Output: joined,
          ...way,
        };
      }
    }
  };
  return block(shape.depth, 'v').States;
}
