import type { DuelOutcome } from '@tiltyard/rules/gen3d';
import type { Sha256 } from '@tiltyard/schema';
import type { Rules } from '@tiltyard/schema/gen3d';
import type { Ask } from '../interfaces.js';
import type { UnansweredFault } from '../judge-error.js';

/** How a round is judged: the `judging` part of its rules.json. */
export type Judging = Pick<Rules['judging'], 'strategy' | 'judges' | 'draw_threshold' | 'temperature'>;

/** What both sides were to make: an image at a URL that the endpoint can read, or a text. */
export type DuelPrompt =
  | { readonly imageUrl: string; readonly sha256?: Sha256 | undefined }
  | { readonly text: string };

/** One side's result as the judge sees it: one picture with several views, at a URL that the endpoint can read. */
export interface DuelSide {
  readonly gridUrl: string;
  readonly gridSha256?: Sha256 | undefined;
}

/** One prompt between two sides. */
export interface DuelRequest {
  readonly prompt: DuelPrompt;
  readonly left: DuelSide;
  readonly right: DuelSide;
  /** The round's seed. */
  readonly seed: number;
  /** How often the match was judged before: from 1 on, kept answers of earlier attempts are not used. */
  readonly attempt?: number;
  /** Higher goes first among all that wait for the endpoint. 0 by default. */
  readonly priority?: number;
  readonly signal?: AbortSignal | undefined;
}

/** What a strategy found: the outcome, the judges' words, and every number behind it. */
export interface Verdict {
  readonly winner: DuelOutcome;
  readonly issues: string;
  /** Goes into `duels[].detail` of the report as it is. */
  readonly detail: unknown;
}

/** A duel's outcome, or why there is none yet: an endpoint that fails is never a draw, a loss or a win. */
export type DuelResult =
  | (Verdict & {
      readonly resolved: true;
      /** SHA-256 of what the judges saw, null where the caller did not know it: `duels[].evidence`. */
      readonly evidence: Readonly<Record<'prompt' | 'left_png' | 'right_png', Sha256 | null>>;
    })
  | { readonly resolved: false; readonly reason: UnansweredFault; readonly message: string };

export interface Judge {
  /** For the report's `judge` field. */
  readonly models: readonly string[];
  readonly strategy: Judging['strategy'];

  /**
   * Judges one duel. Answers are kept as they come, so that a duel that is called off, or whose process dies, asks
   * again only what was under way.
   *
   * @throws the signal's reason; answers that had come by then are kept
   */
  duel(request: DuelRequest): Promise<DuelResult>;
}

/** A way to come from a duel to a verdict. It asks; it does not decide by itself (see `rules`). */
export interface Strategy {
  readonly name: Judging['strategy'];
  judge(duel: DuelRequest, judging: Judging, ask: Ask): Promise<Verdict>;
}
