import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Amendments, type Build, knownPath, STATE_FILES, Stem, stateFiles } from '../../src/gen3d/index.js';
import { FormatError, Hotkey } from '../../src/index.js';

const HOTKEY = Hotkey.parse('5GgpGaDxzTyBAME1Ju9ZhUstWj2VTm1n4tAUkRHLi4birQZg');
const NO_AMENDMENTS = { amendments: [], params: {} };
const AT = '2026-02-05T08:00:00Z';

describe('paths', () => {
  it('finds the entry and the parameters of every path that it formats', () => {
    const params = { round: 12, side: HOTKEY, left: 'leader' };
    for (const [name, file] of STATE_FILES) {
      const path = file.path.format(params);
      expect(knownPath(path)?.name).toBe(name);
    }
    expect(knownPath(`rounds/12/${HOTKEY}/duels_leader.json`)?.params).toEqual(params);
  });

  it.each([
    'rounds/01/seed.json',
    'rounds/1/seed.json/x',
    '../state.json',
    'rounds/1/not-a-hotkey/submitted.json',
    'README.md',
  ])('does not know %s', (path) => {
    expect(knownPath(path)).toBeUndefined();
  });

  it('refuses to format a path out of something else', () => {
    expect(() => stateFiles.seed.path.format({ round: -1 })).toThrow(RangeError);
  });
});

describe('codecs', () => {
  it('name the path and the field of what does not fit', () => {
    const parse = () => stateFiles.seed.parse('{"seed": -1}', 'rounds/0/seed.json');
    expect(parse).toThrow(FormatError);
    expect(parse).toThrow(/rounds\/0\/seed\.json: seed: /);
  });

  it('refuse a format version that they do not know', () => {
    const config = { format_version: 2, name: 'x' };
    expect(() => stateFiles.config.parse(JSON.stringify(config), 'config.json')).toThrow(/version 2 is not known/);
  });

  it('keep fields that they do not know', () => {
    const text = '{"seed": 1, "later": {"field": true}}';
    expect(JSON.parse(stateFiles.seed.codec.format(stateFiles.seed.parse(text, 'seed.json')))).toEqual(
      JSON.parse(text),
    );
  });

  it('never throw anything but a FormatError, whatever the text', () => {
    fc.assert(
      fc.property(fc.constantFrom(...STATE_FILES), fc.oneof(fc.string(), fc.json()), ([, file], text) => {
        try {
          file.parse(text, 'x');
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
    );
  });

  it('write a margin so that it reads back as the same number', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -128, max: 128 }).map((score) => score / 128)), (margins) => {
        const rows = margins.map((margin) => ({ left: 'leader' as const, right: HOTKEY, margin }));
        const text = stateFiles.matchMatrix.codec.format(rows);
        expect(stateFiles.matchMatrix.parse(text, 'm').map((row) => row.margin + 0)).toEqual(margins.map((m) => m + 0));
      }),
    );
  });

  it('read the old shape of leader.json', () => {
    expect(stateFiles.leader.parse('{"transitions": []}', 'leader.json')).toEqual([]);
  });

  it('read a winner.json that says hotkey', () => {
    const winner = { hotkey: 'leader', repo: 'a/b', commit: '0'.repeat(40), docker_image: 'a/b:c' };
    expect(stateFiles.winner.parse(JSON.stringify(winner), 'winner.json').winner_hotkey).toBe('leader');
  });

  it('refuse a winner.json that names the winner in both ways: readers would differ', () => {
    const winner = { winner_hotkey: 'leader', repo: 'a/b', commit: '0'.repeat(40), docker_image: 'a/b:c' };
    const parse = (value: object) => stateFiles.winner.parse(JSON.stringify(value), 'winner.json');
    expect(parse({ ...winner, note: 'as announced' }).winner_hotkey).toBe('leader');
    for (const hotkey of [HOTKEY, 'leader']) expect(() => parse({ ...winner, hotkey })).toThrow('twice');
  });
});

describe('changes', () => {
  const build: Build = {
    repo: 'a/b',
    commit: '0'.repeat(40),
    revealed_at_block: 1 as Build['revealed_at_block'],
    tag: '0000000-x-0',
    status: 'failure',
    docker_image: null,
  };

  it('of a settled build need an amendment that the new entry names', () => {
    const after = { [HOTKEY]: { ...build, status: 'pending' as const, amendment: 1 } };
    const amendments: Amendments = [
      { id: 1, at: AT, reason: 'registry was down', action: 'retry_build', hotkey: HOTKEY },
    ];
    const before = { [HOTKEY]: build };
    expect(stateFiles.builds.change.check(before, after, NO_AMENDMENTS)).toMatchObject([{ code: 'settled_changed' }]);
    expect(stateFiles.builds.change.check(before, after, { amendments, params: {} })).toEqual([]);
    // An amendment opens a fact once: the next settled entry stays.
    const settled = { [HOTKEY]: { ...build, status: 'failure' as const, amendment: 1 } };
    expect(stateFiles.builds.change.check(settled, after, { amendments, params: {} })).toMatchObject([
      { code: 'settled_changed' },
    ]);
  });

  it('of a map may not lose a key', () => {
    expect(stateFiles.builds.change.check({ [HOTKEY]: build }, {}, NO_AMENDMENTS)).toMatchObject([
      { code: 'key_lost' },
    ]);
  });

  it('of a list only add to it', () => {
    const request = { hotkey: HOTKEY, critical_prompts: [] };
    const { check } = stateFiles.auditRequests.change;
    expect(check([], [request], NO_AMENDMENTS)).toEqual([]);
    expect(check([request], [], NO_AMENDMENTS)).toMatchObject([{ code: 'not_append', key: '0' }]);
  });

  it('of the stage follow the machine', () => {
    const at = (current_round: number, stage: 'open' | 'duels' | 'finalizing' | 'paused') =>
      ({ current_round, stage, next_stage_eta: null }) as const;
    const check = (a: ReturnType<typeof at>, b: ReturnType<typeof at>) =>
      stateFiles.state.change.check(a, b, NO_AMENDMENTS).map((fault) => fault.code);
    expect(check(at(0, 'finalizing'), at(1, 'open'))).toEqual([]);
    expect(check(at(0, 'finalizing'), at(2, 'open'))).toEqual(['round_jumps']);
    expect(check(at(1, 'finalizing'), at(0, 'open'))).toEqual(['round_falls']);
    expect(check(at(0, 'open'), at(0, 'duels'))).toEqual(['illegal_edge']);
    const pause = { id: 1, at: '2026-01-01T00:00:00Z', reason: 'r', action: 'pause', stage: 'duels' } as const;
    const ordered = { amendments: [pause], params: {} };
    expect(stateFiles.state.change.check(at(0, 'duels'), at(0, 'paused'), ordered)).toEqual([]);
    expect(check(at(0, 'duels'), at(0, 'paused'))).toEqual(['illegal_edge']);
    expect(check(at(0, 'duels'), at(1, 'finalizing'))).toEqual(['round_jumps']);
  });

  it('of a usable submission are refused, flags of duplicates aside', () => {
    const result = { glb: 'g', png: 'p', generation_time: 0, size: 10, attempts: 1, distance: 0 };
    const { check } = stateFiles.submitted.change;
    const stem = Stem.parse('a');
    const flagged = { ...result, duplicates: ['5GgpGaDxzT'] };
    const lost = { ...flagged, png: null, error: { code: 'duplicate_of:5GgpGaDxzT', message: 'first listed there' } };
    expect(check({ [stem]: result }, { [stem]: flagged }, NO_AMENDMENTS)).toEqual([]);
    expect(check({ [stem]: result }, { [stem]: lost }, NO_AMENDMENTS)).toEqual([]);
    expect(check({ [stem]: result }, { [stem]: { ...result, size: 11 } }, NO_AMENDMENTS)).toMatchObject([
      { code: 'settled_changed' },
    ]);
  });
});
