import type { RenderRefusal } from '@tiltyard/render';
import { EXIT } from '../../exit-status.js';
import type { Outcome } from '../../outcome.js';
import { plainText } from '../../terminal/plain-text.js';

/** A file that a competition would refuse, with the code that submitted.json would hold, and what its author may do. */
export function refused(file: string, { code, message, fault }: RenderRefusal): Outcome {
  return {
    facts: { code, message, fault, file },
    text: '',
    complaint: `${file} is refused (${code}): ${plainText(message)}${HINTS[code] ?? ''}`,
    exitStatus: EXIT.no,
  };
}

const HINTS: Readonly<Record<string, string>> = {
  out_of_bounds: ' (--fit shows it centred and scaled into the unit cube; tiltyard fit writes such a file)',
};
