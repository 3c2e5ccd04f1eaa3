/** Whether an event matches an EventBridge pattern; a matcher that nobody has needed yet is an error. */
export function matches(pattern: unknown, event: unknown): boolean {
  // Of a list in an event, one value that matches is enough.
  if (Array.isArray(pattern))
    return [event].flat().some((value) => pattern.some((matcher) => matchesValue(matcher, value)));
  return Object.entries(pattern as object).every(([key, inner]) =>
    matches(inner, (event as Record<string, unknown> | undefined)?.[key]),
  );
}

function matchesValue(matcher: unknown, value: unknown): boolean {
  if (typeof matcher !== 'object' || matcher === null) return matcher === value;
  const [[kind, operand] = []] = Object.entries(matcher);
  switch (kind) {
    case 'prefix':
      return typeof value === 'string' && value.startsWith(operand);
    case 'wildcard':
      return typeof value === 'string' && wildcard(operand).test(value);
    case 'exists':
      return (value !== undefined) === operand;
    case 'anything-but':
      return ![operand].flat().includes(value);
    default:
      throw new Error(`The event pattern matcher ${kind} is not supported by the local stack`);
  }
}

/** A text in which `*` stands for any other. */
function wildcard(text: string): RegExp {
  const literal = text.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${literal.replaceAll('*', '.*')}$`, 's');
}
