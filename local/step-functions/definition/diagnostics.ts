export interface Diagnostic {
  severity: 'ERROR';
  code: string;
  message: string;
  location?: string;
}

/** Of what AWS would take and this emulator cannot run. */
export const unsupportedCode = 'UNSUPPORTED_BY_EMULATOR';

/** The code of findings about a Label, which creation tells in a form of their own. */
export const labelCode = 'INVALID_LABEL';

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
