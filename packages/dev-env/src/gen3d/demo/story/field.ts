import { CHARACTERS, type CharacterName } from '../../miners/characters.js';
import { QUALITIES } from '../../objects/flaws.js';
import type { DemoOptions } from '../demo-options.js';

/** Who comes back after the first round: one to lose, two to be caught, and the likely leader itself. */
const LATER_ROUNDS: readonly CharacterName[] = ['rough', 'cheat', 'slow', 'faithful'];

/**
 * Who takes part in a round, in order of reveal. After the first round the field is smaller; in a third one `champion`
 * takes part, so that the leader loses once.
 */
export function entrantsOf(round: number, { miners, isOwnChoice }: DemoOptions): readonly CharacterName[] {
  if (round === 0) return miners;
  const back = miners.filter((name) => LATER_ROUNDS.includes(name) || name === 'champion');
  const field = back.length > 0 ? back : miners;
  return round >= 2 && isOwnChoice ? [...field, 'champion'] : field;
}

/** Everyone who takes part in some round. */
export function castOf(options: DemoOptions): readonly CharacterName[] {
  const rounds = Array.from({ length: options.rounds }, (_, round) => entrantsOf(round, options));
  return [...new Set(rounds.flat())];
}

const BEST_FIRST: readonly string[] = Object.keys(QUALITIES);

/**
 * Who should lead after a round: the one that is honest, in time, and better than everyone who led before. What cheats,
 * copies, is late or attacks leads at most until its audit.
 */
export function expectedLeader(leader: CharacterName, entrants: readonly CharacterName[]): CharacterName {
  return entrants.filter(isHonest).reduce((best, name) => (rankOf(name) < rankOf(best) ? name : best), leader);
}

/** Makes what it submits, and in time. */
export function isHonest(name: CharacterName): boolean {
  const { submits, regenerates, pace } = CHARACTERS[name];
  return submits === regenerates && pace === 'steady';
}

/** 0 for the best quality; makers of other objects are behind all. */
function rankOf(name: CharacterName): number {
  const rank = BEST_FIRST.indexOf(CHARACTERS[name].submits);
  return rank === -1 ? BEST_FIRST.length : rank;
}
