export interface Diagnostic {
  severity: 'ERROR';
  code: string;
  message: string;
  location?: string;
}

/** The code of a finding about something that AWS accepts and this emulator cannot run. */
export const unsupportedCode = 'UNSUPPORTED_BY_EMULATOR';

/** The code of a finding about a Label, which CreateStateMachine words in its own way. */
export const labelCode = 'INVALID_LABEL';

/** Collects the findings about one definition in order. */
export class Diagnostics {
  readonly found: Diagnostic[] = [];

  add(code: string, message: string, location?: string): void {
    this.found.push({ severity: 'ERROR', code, message, ...(location !== undefined && { location }) });
  }

  /** Adds a finding with the most common code. */
  schema(message: string, location?: string): void {
    this.add('SCHEMA_VALIDATION_FAILED', message, location);
  }
}
