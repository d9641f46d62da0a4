import { type BlockNumber, BlockNumber as BlockNumberSchema, counted } from '@tiltyard/schema';
import type { Schedule, Stage } from '@tiltyard/schema/gen3d';
import { CliError } from '../../cli-error.js';

/** How far before the window's end a submission is aimed: it opens late, and yet surely within the window. */
const MARGIN_BLOCKS = 10;
/** The chain opens a text one to three blocks after the block that it was encrypted to. */
export const OPENING_BLOCKS = 3;
/** Blocks that a transaction needs to be finalized before its own reveal. */
const LEAD_BLOCKS = 4;

/** What a reveal block is chosen from. */
export interface RevealFacts {
  readonly round: number;
  readonly stage: Stage;
  readonly schedule: Pick<Schedule, 'earliest_reveal_block' | 'latest_reveal_block'>;
  /** The finalized head. */
  readonly head: number;
  /** The block that the miner wants. */
  readonly wanted: number | undefined;
}

/**
 * The block that a submission is encrypted to: as late as is safe within the round's window, so that it stays secret for
 * as long as it can, or the block that the miner wants if it lies in the window.
 *
 * @throws CliError `refused` when the window is closed or would be by the time of the reveal.
 */
export function revealBlock({ round, stage, schedule, head, wanted }: RevealFacts): BlockNumber {
  const { earliest_reveal_block: earliest, latest_reveal_block: latest } = schedule;
  const refuse = (detail: string) => new CliError({ code: 'refused', detail });
  // The window is the chain's, not the stage's: what is revealed while the operator holds the competition counts too.
  if (stage === 'finished' || head >= latest) {
    throw refuse(
      `Round ${round} takes no submissions any more (stage ${stage}, its window ended with block ${latest}, the chain is ` +
        `at ${head}): submit when the next round is open.`,
    );
  }
  const soonest = Math.max(head + LEAD_BLOCKS, earliest);
  const last = latest - OPENING_BLOCKS;
  if (soonest > last) {
    throw refuse(
      `Round ${round}'s window ends with block ${latest}, ${counted(latest - head, 'block')} from now: too late to submit.`,
    );
  }
  if (wanted === undefined) return BlockNumberSchema.parse(Math.max(soonest, latest - MARGIN_BLOCKS));
  if (wanted < soonest || wanted > last) {
    throw refuse(`Block ${wanted} is no safe reveal for round ${round}: choose one from ${soonest} to ${last}.`);
  }
  return BlockNumberSchema.parse(wanted);
}
