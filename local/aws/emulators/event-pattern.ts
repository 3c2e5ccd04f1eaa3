/** Whether an event matches an EventBridge pattern. Throws at a matcher that is not supported. */
export function matches(pattern: unknown, event: unknown): boolean {
  // If the event has a list, one matching value is enough.
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

/** A regular expression for a text in which `*` matches anything. */
function wildcard(text: string): RegExp {
  const literal = text.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${literal.replaceAll('*', '.*')}$`, 's');
}
