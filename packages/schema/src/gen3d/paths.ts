import { Hotkey, LEADER, type Side } from '../names.js';
import type { TextParam } from '../text-template.js';
import { ROUND_PATTERN } from './names.js';

/** What the paths of this competition's state files may hold. */
export type PathParams = {
  readonly round: TextParam<number>;
  /** A folder of one side: a hotkey, or `leader`. */
  readonly side: TextParam<Side>;
  /** The first ten characters of a match's defender, or `leader`. */
  readonly left: TextParam<string>;
};

/** How the parameters of paths are read. */
export const PATH_PARAMS: PathParams = {
  round: { pattern: ROUND_PATTERN, read: Number },
  side: {
    pattern: `${LEADER}|[1-9A-HJ-NP-Za-km-z]{46,48}`,
    read: (text) => (text === LEADER ? LEADER : Hotkey.parse(text)),
  },
  left: { pattern: `${LEADER}|[1-9A-HJ-NP-Za-km-z]{10}`, read: (text) => text },
};

/** Any file's parameters, for code that handles every file alike. */
export type AnyPathParams = Readonly<{ round?: number; side?: Side; left?: string }>;

/** A state file by its name in the table, and the parameters of its path. */
export interface PathOf<Name> {
  readonly name: Name;
  readonly params: AnyPathParams;
}
