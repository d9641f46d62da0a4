import type { RuleId } from '@tiltyard/audit/gen3d';
import { FACT_FORGERIES } from './tampering/forged-facts.js';
import { TRAIL_FORGERIES } from './tampering/forged-trail.js';
import { commitForgery } from './tampering/forgery.js';
import { Tip } from './tampering/tip.js';

/** A way of tampering with a competition's repository. */
export interface Tampering {
  readonly name: string;
  /** The rule that it breaks under any signature. It may break others too: those of the stage, or of signatures. */
  readonly rule: RuleId;
  /**
   * Adds one commit to the branch that a repository's HEAD names: the author, the lines and the trailers of the service whose
   * file it is, and no signature.
   *
   * @returns the commit.
   * @throws TypeError when the repository holds nothing that could be tampered with in this way.
   */
  apply(dir: string): Promise<string>;
}

/**
 * Ways of tampering with a competition that has played a round: what someone who can push, and even sign, might do. For
 * tests: an audit of a repository that was whole must fail after any one of them.
 *
 * @example
 * for (const { name, rule, apply } of TAMPERINGS) await apply(await cloneOf(repository));
 */
export const TAMPERINGS: readonly Tampering[] = [...FACT_FORGERIES, ...TRAIL_FORGERIES].map(
  ({ name, rule, forge }) => ({
    name,
    rule,
    async apply(dir) {
      const tip = await Tip.of(dir);
      return await commitForgery(tip, await forge(tip));
    },
  }),
);
