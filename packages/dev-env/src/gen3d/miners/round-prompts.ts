import type { Stem } from '@tiltyard/schema/gen3d';

/** What a miner needs to know of a round. Text prompts are not in it: sample miners answer pictures only. */
export interface RoundPrompts {
  readonly round: number;
  readonly seed: number;
  readonly prompts: readonly { readonly stem: Stem; readonly url: string }[];
}
