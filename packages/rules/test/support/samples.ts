import { CommitId, Hotkey } from '@tiltyard/schema';
import { type GenerationResult, type Generations, RULES_DEFAULTS, Stem } from '@tiltyard/schema/gen3d';

const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** The n-th of our made-up hotkeys: they differ in their first ten characters, and sort by n up to 58 * 58. */
export function hotkey(n: number): Hotkey {
  const digits = `${BASE58[Math.floor(n / 58) % 58]}${BASE58[n % 58]}`;
  return Hotkey.parse(`5${digits}`.padEnd(48, 'x'));
}

export const hotkeys = (count: number): Hotkey[] => Array.from({ length: count }, (_, n) => hotkey(n));

export const stem = (n: number): Stem => Stem.parse(`p${String(n).padStart(4, '0')}`);

export const stems = (count: number): Stem[] => Array.from({ length: count }, (_, n) => stem(n));

export const commit = (digit: string): CommitId => CommitId.parse(digit.repeat(40));

/** A usable result, made in ten seconds, exactly like the submission, unless said otherwise. */
export function result(changes: Partial<GenerationResult> = {}): GenerationResult {
  return {
    glb: 'https://files/x.glb',
    png: 'https://files/x.png',
    generation_time: 10,
    size: 1000,
    attempts: 1,
    distance: 0,
    ...changes,
  };
}

export const failed = (changes: Partial<GenerationResult> = {}): GenerationResult =>
  result({ glb: null, png: null, generation_time: 0, size: 0, ...changes });

export function generations(entries: readonly (readonly [Stem, GenerationResult])[]): Generations {
  return Object.fromEntries(entries) as Generations;
}

export const rules = RULES_DEFAULTS;

/** Matches a thrown RulesError by its code. */
export const faultOf = (error: unknown): unknown =>
  error instanceof Error && 'fault' in error ? (error.fault as { code: unknown }).code : error;
