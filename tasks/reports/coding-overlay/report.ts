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

  meanings: {
    Row: 'The number of the row in the load file, in which the header is row 1.',
    'Key Field': 'The field by which the document was looked up.',
    'Key Value': 'What the row says in that field.',
    Result: 'What became of the row.',
    Level:
      'How much it matters: an error changes nothing in its cell or row, a warning only tells you something.',
    Code: 'The code of what was found; the same code means the same thing in every overlay.',
    Column: 'The column of the load file where it was found.',
    'Original Value': 'What the load file says there.',
    Message: 'What was found, and what to do.',
  },

  denied: (accessLevel) => [
    accessLevel !== 'advanced' && 'reportType: Only users with Advanced access can run coding overlays.',
  ],
} satisfies Report<CodingOverlayParameters>;
