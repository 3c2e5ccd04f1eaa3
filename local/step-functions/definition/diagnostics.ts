export interface Diagnostic {
  severity: 'ERROR';
  code: string;
  message: string;
  location?: string;
}

/** Of what AWS would take and this emulator cannot run. */
export const unsupportedCode = 'UNSUPPORTED_BY_EMULATOR';

/** Of a character that a Label must not have, which is the one finding that creation tells in a form of its own. */
export const labelCode = 'INVALID_LABEL_CHARACTER';

/** The findings about one definition, in the order in which they were found. */
export class Diagnostics {
  readonly found: Diagnostic[] = [];

  add(code: string, message: string, location?: string): void {
    this.found.push({ severity: 'ERROR', code, message, ...(location !== undefined && { location }) });
  }

  /** Most findings are of this code. */
  schema(message: string, location?: string): void {
    this.add('SCHEMA_VALIDATION_FAILED', message, location);
  }
}
