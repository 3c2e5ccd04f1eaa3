/** A shape of a service's model; without any member it is any JSON. The others are named in `shapes`. */
export interface Shape {
  members?: Record<string, string>;
  required?: string[];
  list?: string;
  map?: string;
  type?: 'string' | 'number' | 'boolean';
  enum?: string[];
  /** Bounds of a number; in inputs also of the length of a text or list. */
  min?: number;
  max?: number;
  /** A refusal does not repeat the value. */
  sensitive?: boolean;
}

/** The inputs or the outputs of a service's operations. */
export interface Model {
  /** Names of shapes by operation, in small letters. */
  operations: Record<string, string>;
  shapes: Record<string, Shape>;
}
