// The coding overlay as the service describes it. A machine of its own makes it; the other files here are its parts.
import type { CodingOverlayParameters } from '../../../contract/types.ts';
import type { Report } from '../report.ts';

export const codingOverlay = {
  type: 'coding_overlay',
  title: 'Coding Overlay',

  describe({ loadFile, restore, dryRun, blankMeans, multiValueMode, createMissingChoices }) {
    if (restore) return [`Takes back overlay ${restore}`, dryRun && 'dry run'];
    return [
      `Load file ${loadFile!.split('/').at(-1)}`,
      dryRun && 'dry run',
      blankMeans === 'clear' ? 'blank cells empty their fields' : 'blank cells leave their fields alone',
      `several values: ${multiValueMode}`,
      createMissingChoices && 'missing choices are created',
    ];
  },

  denied: (accessLevel) => [
    accessLevel !== 'advanced' && 'reportType: Only users with Advanced access can run coding overlays.',
  ],
} satisfies Report<CodingOverlayParameters>;
