import type { ChangeContext } from '../change.js';
import type { Amendments } from './files/amendments.js';
import type { AnyPathParams } from './paths.js';

/** What a change check may look at besides the file itself: the parent commit's amendments of the file's round. */
export interface AmendedContext extends ChangeContext {
  readonly amendments: Amendments;
  /** The parameters of the file's path, for checks that look for an amendment of this very file. */
  readonly params: AnyPathParams;
}
