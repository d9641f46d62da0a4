import { z } from 'zod';
import type { Quality } from '../objects/flaws.js';

/** What a sample miner makes: the asked object at a level of quality, or another object. */
export type Product = Quality | 'another_object';

/** How a sample miner behaves. */
export interface Character {
  /** For people: what to expect of it. */
  readonly says: string;
  /** What its CDN serves. */
  readonly submits: Product | 'nothing' | 'attacks' | 'copies';
  /** What its container makes. */
  readonly regenerates: Product;
  readonly pace: 'steady' | 'slow';
}

export const CHARACTERS = {
  base: { says: 'The leader at the start: mediocre.', submits: 'mediocre', regenerates: 'mediocre', pace: 'steady' },
  faithful: { says: 'Good, and honest.', submits: 'good', regenerates: 'good', pace: 'steady' },
  champion: { says: 'The best, and honest.', submits: 'best', regenerates: 'best', pace: 'steady' },
  rough: { says: 'Coarse and off-colour.', submits: 'rough', regenerates: 'rough', pace: 'steady' },
  weak: { says: 'Wrong proportions.', submits: 'weak', regenerates: 'weak', pace: 'steady' },
  wrong: { says: 'Other objects.', submits: 'another_object', regenerates: 'another_object', pace: 'steady' },
  cheat: {
    says: 'Its CDN has the very best files; its container makes coarse ones.',
    submits: 'best',
    regenerates: 'rough',
    pace: 'steady',
  },
  copycat: {
    says: "Serves another miner's files; its own container makes poor ones.",
    submits: 'copies',
    regenerates: 'weak',
    pace: 'steady',
  },
  slow: { says: 'Good, but its container takes too long.', submits: 'good', regenerates: 'good', pace: 'slow' },
  absent: { says: 'Its CDN answers 404.', submits: 'nothing', regenerates: 'mediocre', pace: 'steady' },
  hostile: { says: 'Attacks those who download.', submits: 'attacks', regenerates: 'another_object', pace: 'steady' },
} as const satisfies Readonly<Record<string, Character>>;

export type CharacterName = keyof typeof CHARACTERS;

/** A character's name, as it comes from an environment or a command line. */
export const CharacterName = z.enum(Object.keys(CHARACTERS) as [CharacterName, ...CharacterName[]]);

/**
 * The challengers of the demo's first round, in order of reveal.
 *
 * `cheat` leads first. When its audit rejects it, `copycat` leads, then `slow`, and `faithful` at last: each beats the
 * mediocre leader, none beats another of the same quality, so only a rejection lets the next one through.
 */
export const FIRST_ROUND_ORDER: readonly CharacterName[] = [
  'rough',
  'weak',
  'wrong',
  'absent',
  'hostile',
  'cheat',
  'copycat',
  'slow',
  'faithful',
];
