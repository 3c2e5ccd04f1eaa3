// Refusals that reports share, each as a line for the requester; undefined when the user may see the report.
import type { AccessLevel } from '../lib/context.ts';

/** View-only users see neither coding nor metadata. */
export function viewOnlyMayNotSee(accessLevel: AccessLevel, shown: string): string | undefined {
  return accessLevel === 'view_only' ? `reportType: View-only users can't see ${shown}.` : undefined;
}

/**
 * View-only users and reviewers see only the folders that were assigned to them. Rails knows which these are: whatever a
 * request names counts as assigned.
 * @param named what the request names of the parameter
 */
export function assignedFoldersOnly(
  accessLevel: AccessLevel,
  parameter: string,
  what: 'documents' | 'folders',
  named: unknown,
): string | undefined {
  const seesAll = accessLevel !== 'view_only' && accessLevel !== 'reviewer';
  return seesAll || named
    ? undefined
    : `parameters.${parameter}: This user sees only assigned folders. Name the ${what}.`;
}
