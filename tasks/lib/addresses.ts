// Mail addresses as identities.

/** Whether two addresses are one. Only ASCII letters have a case here: toLowerCase takes the Kelvin sign for a k. */
export function isSame(one: string, other: string): boolean {
  return lowered(one) === lowered(other);
}

/** The text with ASCII letters in lower case. */
export function lowered(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
