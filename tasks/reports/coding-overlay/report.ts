// The coding overlay as the service describes it. A machine of its own makes it; the other files here are its parts.
import type { CodingOverlayParameters } from '../../../contract/types.ts';

export const codingOverlay = {
  title: 'Coding Overlay',
  describe(parameters: CodingOverlayParameters) {
    const { loadFile, restore, dryRun, blankMeans, multiValueMode, createMissingChoices } = parameters;
    if (restore) return [`Takes back overlay ${restore}`, dryRun && 'dry run'];
    return [
      `Load file ${loadFile!.split('/').at(-1)}`,
      dryRun && 'dry run',
      blankMeans === 'clear' ? 'blank cells empty their fields' : 'blank cells leave their fields alone',
      `several values: ${multiValueMode}`,
      createMissingChoices && 'missing choices are created',
    ];
  },
};
