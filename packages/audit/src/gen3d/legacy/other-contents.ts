import type { OtherContent } from './other-format.js';
import { SCRIPT_CONTENTS } from './script-contents.js';
import { SPLAT_CONTENTS } from './splat-contents.js';
import { TEST_CONTENTS } from './test-contents.js';

/** Every other format that a state file's content is known in; of those that fit, the first counts. */
export const OTHER_CONTENTS: readonly OtherContent[] = [...TEST_CONTENTS, ...SPLAT_CONTENTS, ...SCRIPT_CONTENTS];

const BY_FILE = new Map<string, readonly OtherContent[]>();
for (const format of OTHER_CONTENTS) {
  for (const name of format.files) BY_FILE.set(name, [...(BY_FILE.get(name) ?? []), format]);
}

/** The other format that a state file's content is of; undefined when it is of none that is known. */
export function otherContentOf(name: string, content: unknown): OtherContent | undefined {
  return BY_FILE.get(name)?.find((format) => format.fits(content));
}
