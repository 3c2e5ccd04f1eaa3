/** A shape of a service's model. A shape without members is any JSON. `list`, `map` and `members` name other shapes. */
export interface Shape {
  members?: Record<string, string>;
  required?: string[];
  list?: string;
  map?: string;
  type?: 'string' | 'number' | 'boolean';
  enum?: string[];
  /** The bounds of a number; in inputs also of the length of a text or list. */
  min?: number;
  max?: number;
  /** A refusal must not repeat the value. */
  sensitive?: boolean;
}

/** The inputs or the outputs of a service's operations. */
export interface Model {
  /** The names of shapes, by operation in lower case. */
  operations: Record<string, string>;
  shapes: Record<string, Shape>;
}
