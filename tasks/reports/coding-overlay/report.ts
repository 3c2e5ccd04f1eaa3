// The coding overlay as the service describes it. A machine of its own makes it; the other files here are its parts.
import type { CodingOverlayParameters } from '../../../contract/types.ts';
import type { Report } from '../report.ts';

const severalValues = {
  replace: 'several values replace those of the document',
  append: 'several values are added to those of the document',
  remove: 'several values are removed from those of the document',
};

export const codingOverlay = {
  type: 'coding_overlay',
  title: 'Coding Overlay',

  describe(parameters) {
    const { loadFile, restore, dryRun, blankMeans, multiValueMode, createMissingChoices } = parameters;
    if (restore) return [`Takes back overlay ${restore}`, dryRun && 'dry run'];
    return [
      `Load file ${loadFile!.split('/').at(-1)}`,
      dryRun && 'dry run',
      blankMeans === 'clear' ? 'blank cells empty their fields' : 'blank cells leave their fields alone',
      severalValues[multiValueMode ?? 'replace'],
      createMissingChoices && 'missing choices are created',
      parameters.applyToFamily && 'coding is applied to families',
    ];
  },

  denied: (accessLevel) => [
    accessLevel !== 'advanced' && 'reportType: only users with Advanced access may overlay documents',
  ],
} satisfies Report<CodingOverlayParameters>;
