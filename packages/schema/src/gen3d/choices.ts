import { z } from 'zod';

/**
 * The choices of rules.json that this version can carry out. The schemas read more than these: what older histories hold, and
 * what is specified and not built. What carries one out is typed by its list, so that no list can name what is not there.
 */

/** How duels are judged. */
export const JUDGING_STRATEGIES = ['pairwise'] as const;
export type JudgingStrategy = (typeof JUDGING_STRATEGIES)[number];

/** Sets of views that can be rendered. */
export const VIEW_SET_NAMES = ['reference-grid@1', 'bundle-12@1'] as const;
export type ViewSetName = (typeof VIEW_SET_NAMES)[number];

/** Lightings that can be rendered: the reference's flat light, and our studio. */
export const LIGHTINGS = ['flat@1', 'studio@1'] as const;
export type LightingName = (typeof LIGHTINGS)[number];

/** How a re-run can be compared with what was submitted. */
export const VERIFICATION_MODES = ['distance'] as const;

/** What can decide whether a match is won. */
export const GATES = ['margin'] as const;

/**
 * Names an embedder so exactly that two embeddings with the same name may be compared: `descriptor-v1`, or a model's
 * sha256 with the version of the preprocessing in front of it.
 */
export const EmbedderId = z
  .string()
  .regex(/^(descriptor-v1|dinov3-vits16@sha256:[0-9a-f]{64}\/pre1)$/, 'is not an embedder id')
  .brand<'EmbedderId'>();
export type EmbedderId = z.infer<typeof EmbedderId>;
