import type { RuleId } from '@tiltyard/audit/gen3d';
import type { Forgery } from './forgery.js';
import type { Tip } from './tip.js';

/** A way of tampering: the rule that it breaks, and the commit that does. */
export interface ForgedCommit {
  readonly name: string;
  readonly rule: RuleId;
  /** @throws TypeError when there is nothing at the tip that could be tampered with in this way. */
  forge(tip: Tip): Promise<Forgery>;
}
