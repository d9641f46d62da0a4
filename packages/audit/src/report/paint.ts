import { styleText } from 'node:util';
import type { Severity } from '@tiltyard/schema';

/** How a text is made to stand out: by a terminal's colours, or not at all. */
export type Paint = (style: Parameters<typeof styleText>[0], text: string) => string;

/** Paints for a terminal when `colours` is set; else leaves texts as they are. */
export function painter(colours: boolean): Paint {
  // The caller has looked at where it writes to; styleText would look at this process's standard output.
  return colours ? (style, text) => styleText(style, text, { validateStream: false }) : (_style, text) => text;
}

/** The colour of a severity. */
export const SEVERITY_STYLE = { error: 'red', warn: 'yellow', info: 'cyan' } as const satisfies Record<
  Severity,
  string
>;
