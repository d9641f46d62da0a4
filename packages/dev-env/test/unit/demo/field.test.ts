import { describe, expect, it } from 'vitest';
import { type DemoWords, readDemoOptions } from '../../../src/gen3d/demo/demo-options.js';
import { castOf, entrantsOf, expectedLeader, isHonest } from '../../../src/gen3d/demo/story/field.js';
import { CHARACTERS, type CharacterName, FIRST_ROUND_ORDER } from '../../../src/gen3d/miners/characters.js';

const optionsOf = (words: DemoWords) => readDemoOptions(words, '/');

describe('who takes part', () => {
  it('is everyone in the first round and a smaller field later', () => {
    const options = optionsOf({});
    expect(entrantsOf(0, options)).toEqual(FIRST_ROUND_ORDER);
    expect(entrantsOf(1, options)).toEqual(['rough', 'cheat', 'slow', 'faithful']);
    expect(castOf(options)).not.toContain('champion');
  });

  it('is joined by the champion in a third round, so that the leader loses once', () => {
    const options = optionsOf({ rounds: '3' });
    expect(entrantsOf(2, options)).toContain('champion');
    expect(castOf(options)).toContain('champion');
    expect(expectedLeader('faithful', entrantsOf(2, options))).toBe('champion');
  });

  it('is only who was chosen, in every round, and never empty', () => {
    const options = optionsOf({ rounds: '4', miners: 'hostile,copycat' });
    for (const round of [0, 1, 2, 3]) expect(entrantsOf(round, options)).toEqual(['hostile', 'copycat']);
  });
});

describe('who should lead after a round', () => {
  it('is the better of two honest ones, in either order of reveal', () => {
    expect(expectedLeader('base', ['champion', 'faithful'])).toBe('champion');
    expect(expectedLeader('base', ['faithful', 'champion'])).toBe('champion');
  });

  it('stays who it is against the worse, the equal and the dishonest', () => {
    expect(expectedLeader('faithful', ['rough', 'weak', 'cheat', 'copycat', 'slow', 'hostile', 'faithful'])).toBe(
      'faithful',
    );
    expect(expectedLeader('base', ['cheat', 'copycat', 'slow'])).toBe('base');
  });

  it('counts as honest exactly who makes again in time what it submitted', () => {
    const honest = (Object.keys(CHARACTERS) as CharacterName[]).filter(isHonest);
    expect(honest.toSorted()).toEqual(['base', 'champion', 'faithful', 'rough', 'weak', 'wrong']);
  });
});
