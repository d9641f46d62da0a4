import { z } from 'zod';

/** An SS58 address of a miner's or validator's hotkey. */
export const Hotkey = z
  .string()
  .regex(/^[1-9A-HJ-NP-Za-km-z]{46,48}$/, 'is not an SS58 address')
  .brand<'Hotkey'>();
export type Hotkey = z.infer<typeof Hotkey>;

/** The base leader's name wherever a hotkey may stand: as a folder, and as the left side of a match. */
export const LEADER = 'leader';

/** One side of a match: a miner, or the reigning leader. */
export const Side = z.union([z.literal(LEADER), Hotkey]);
export type Side = z.infer<typeof Side>;

/** The first ten characters of a hotkey, or `leader`: how file names, pods, messages and tags name a side. */
export function shortName(side: Side): string {
  return side.slice(0, 10);
}

/** A git commit's full object name (SHA-1). */
export const CommitId = z
  .string()
  .regex(/^[0-9a-f]{40}$/, 'is not a full commit id')
  .brand<'CommitId'>();
export type CommitId = z.infer<typeof CommitId>;

/** A SHA-256 in lower-case hex. */
export const Sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'is not a sha256 in hex')
  .brand<'Sha256'>();
export type Sha256 = z.infer<typeof Sha256>;

/** A block's height on chain. */
export const BlockNumber = z.int().min(0).brand<'BlockNumber'>();
export type BlockNumber = z.infer<typeof BlockNumber>;

/** An http(s) URL without credentials, at most 2048 characters. */
export const HttpUrl = z
  .string()
  .max(2048)
  .refine((text) => {
    if (!URL.canParse(text)) return false;
    const url = new URL(text);
    return /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  }, 'is not an http(s) URL without credentials');
export type HttpUrl = z.infer<typeof HttpUrl>;

/** Seconds between two blocks of the chain. */
export const BLOCK_SECONDS = 12;
