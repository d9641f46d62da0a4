import type { BlockNumber, Hotkey, Sha256 } from '@tiltyard/schema';
import type { Stem } from '@tiltyard/schema/gen3d';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CommittedManifest, duplicateErrorCode, findDuplicates } from '../../src/gen3d/round/duplicates.js';
import {
  type RevealedFields,
  revealOrder,
  type SubmissionFacts,
  selectSubmissions,
} from '../../src/gen3d/round/submissions.js';
import { commit, generations, hotkey, result, stem } from '../support/samples.js';

const [A, B, C] = [hotkey(0), hotkey(1), hotkey(2)];
const at = (block: number, fields: Omit<RevealedFields, 'block'> = {}): RevealedFields => ({
  block: block as BlockNumber,
  ...fields,
});
const whole = { repo: 'a/b', commit: commit('a'), cdn_url: 'https://cdn.example/a' };
const select = (
  reveals: readonly (readonly [Hotkey, readonly RevealedFields[]])[],
  changes: Partial<SubmissionFacts> = {},
) =>
  selectSubmissions({
    reveals: new Map(reveals),
    schedule: { earliest_reveal_block: 100 as BlockNumber, latest_reveal_block: 200 as BlockNumber },
    registeredAt: () => 0,
    roundName: 'mesh-4',
    ...changes,
  });

describe('submissions', () => {
  it('are what was revealed in the window, its two ends included', () => {
    const { submissions, refused } = select([
      [A, [at(99, whole)]],
      [B, [at(100, whole)]],
      [C, [at(200, whole), at(201, { repo: 'too/late' })]],
    ]);
    expect(submissions.map((s) => [s.hotkey, s.submission.revealed_at_block, s.submission.repo])).toEqual([
      [B, 100, 'a/b'],
      [C, 200, 'a/b'],
    ]);
    expect(refused).toEqual([]);
  });

  it('take the latest value of each field, and the block of the latest commit', () => {
    const { submissions } = select([
      [A, [at(150, { commit: commit('b') }), at(110, whole), at(160, { cdn_url: 'https://cdn.example/b' })]],
    ]);
    expect(submissions[0]?.submission).toEqual({
      repo: 'a/b',
      commit: commit('b'),
      cdn_url: 'https://cdn.example/b',
      revealed_at_block: 150,
      round: 'mesh-4',
    });
  });

  it('are in order of reveal, and of hotkey within a block, however they come', () => {
    const blocks = fc.array(fc.integer({ min: 100, max: 105 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(blocks, fc.integer(), (revealed, salt) => {
        const reveals = revealed.map((block, n) => [hotkey(n), [at(block, whole)]] as const);
        const shuffled = reveals.toSorted(
          (a, b) => ((a[0].charCodeAt(2) * salt) % 7) - ((b[0].charCodeAt(2) * salt) % 7),
        );
        const { submissions } = select(shuffled);
        expect(submissions).toEqual(select(reveals).submissions);
        for (const [n, { hotkey: key, submission }] of submissions.entries()) {
          const before = submissions[n - 1];
          if (before === undefined) continue;
          expect(before.submission.revealed_at_block).toBeLessThanOrEqual(submission.revealed_at_block);
          if (before.submission.revealed_at_block === submission.revealed_at_block)
            expect(before.hotkey < key).toBe(true);
        }
      }),
    );
  });

  it('are refused, with the reason, when not registered, incomplete or malformed', () => {
    const { submissions, refused } = select(
      [
        [A, [at(150, whole)]],
        [B, [at(150, { repo: 'a/b' })]],
        [C, [at(150, { ...whole, cdn_url: 'file:///etc/passwd' })]],
        [hotkey(3), [at(150, { ...whole, commit: 'main' })]],
        [hotkey(4), [at(150, { ...whole, repo: 'https://github.com/a/b' })]],
      ],
      { registeredAt: (key) => (key === A ? undefined : 0) },
    );
    expect(submissions).toEqual([]);
    expect(refused).toMatchObject([
      { hotkey: A, code: 'not_registered' },
      { hotkey: B, code: 'missing_field', fields: ['commit', 'cdn_url'] },
      { hotkey: C, code: 'invalid_field', field: 'cdn_url' },
      { hotkey: hotkey(3), code: 'invalid_field', field: 'commit' },
      { hotkey: hotkey(4), code: 'invalid_field', field: 'repo' },
    ]);
  });

  it('do not come back with a hotkey that was registered again', () => {
    const again = { registeredAt: () => 160 };
    expect(select([[A, [at(150, whole)]]], again).refused).toEqual([
      { hotkey: A, code: 'revealed_before_registration', registeredAt: 160 },
    ]);
    expect(select([[A, [at(150, whole), at(170, { commit: commit('b') })]]], again).refused).toMatchObject([
      { code: 'missing_field', fields: ['repo', 'cdn_url'] },
    ]);
    expect(select([[A, [at(160, whole)]]], again).submissions).toHaveLength(1);
  });

  describe('of hotkeys that share their first ten characters', () => {
    const name = '5FHneW46xG';
    const victim = `${name}Xgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty` as Hotkey;
    const ground = `${name.toUpperCase()}${'1'.repeat(38)}` as Hotkey;
    const reveals = [
      [ground, [at(110, whole)]],
      [victim, [at(190, whole)]],
    ] as const;
    const registered = (blocks: Readonly<Record<Hotkey, number>>) => ({ registeredAt: (key: Hotkey) => blocks[key] });

    it('take the one that was registered first, however late it revealed, and tell the other why', () => {
      const { submissions, refused } = select(reveals, registered({ [victim]: 10, [ground]: 11 }));
      expect(submissions.map((one) => one.hotkey)).toEqual([victim]);
      expect(refused).toEqual([{ hotkey: ground, code: 'short_name_taken', by: victim }]);
      expect(select(reveals, registered({ [victim]: 11, [ground]: 10 })).submissions[0]?.hotkey).toBe(ground);
    });

    it('take the smaller hotkey of two that were registered in one block, in whatever order they come', () => {
      const same = registered({ [victim]: 10, [ground]: 10 });
      const [smaller] = [victim, ground].toSorted();
      expect(select(reveals, same).submissions.map((one) => one.hotkey)).toEqual([smaller]);
      expect(select(reveals.toReversed(), same)).toEqual(select(reveals, same));
    });

    it('leave a hotkey alone whose namesake has no valid submission', () => {
      const incomplete = [[victim, [at(190, { repo: 'a/b' })]], reveals[0]] as const;
      const { submissions, refused } = select(incomplete, registered({ [victim]: 10, [ground]: 11 }));
      expect(submissions.map((one) => one.hotkey)).toEqual([ground]);
      expect(refused.map(({ code }) => code)).toEqual(['missing_field']);
    });

    it('never leave two with one name, and always leave one of each', () => {
      const key = fc.tuple(fc.constantFrom('5aaa', '5AaA', '5bbb'), fc.integer({ min: 0, max: 57 }));
      fc.assert(
        fc.property(fc.array(fc.tuple(key, fc.nat(90)), { minLength: 1, maxLength: 12 }), (made) => {
          const blocks = new Map(
            made.map(([[start, n], block]) => [`${start.padEnd(10, '2')}${hotkey(n).slice(1, 37)}` as Hotkey, block]),
          );
          const { submissions, refused } = select(
            [...blocks.keys()].map((one) => [one, [at(150, whole)]] as const),
            { registeredAt: (one) => blocks.get(one) },
          );
          const names = (keys: readonly Hotkey[]) => keys.map((one) => one.slice(0, 10).toLowerCase());
          const taking = names(submissions.map((one) => one.hotkey));
          expect(new Set(taking).size).toBe(taking.length);
          expect(new Set(taking)).toEqual(new Set(names([...blocks.keys()])));
          expect(submissions.length + refused.length).toBe(blocks.size);
        }),
      );
    });
  });

  it('play in the order of their file', () => {
    const submission = { ...whole, revealed_at_block: 1 as BlockNumber, round: 'mesh-4' };
    expect(revealOrder({ [C]: submission, [A]: submission })).toEqual([C, A]);
  });
});

describe('duplicates', () => {
  const sha = (digit: string) => digit.repeat(64) as Sha256;
  const files = (...entries: readonly (readonly [Stem, Sha256])[]) => new Map(entries);
  const manifest = (key: Hotkey, block: number, listed: ReadonlyMap<Stem, Sha256>): CommittedManifest => ({
    hotkey: key,
    committedAtBlock: block as BlockNumber,
    files: listed,
  });
  /** What a hotkey submitted: the bytes and the picture of each file, a digit each. */
  const entries = (...given: readonly (readonly [Stem, string])[]) =>
    generations(
      given.map(([name, [glb = '', png = glb]]) => [name, result({ glb_sha256: sha(glb), png_sha256: sha(png) })]),
    );
  const submitted = new Map([
    [C, entries([stem(1), 'a'], [stem(2), 'b'])],
    [A, entries([stem(1), 'a'], [stem(2), 'c'])],
    [B, entries([stem(2), 'a'])],
  ]);

  it('are the same bytes for the same prompt, and have no owner without proof', () => {
    expect(findDuplicates(submitted)).toEqual([{ stem: stem(1), hotkeys: [A, C], owner: undefined }]);
  });

  it('belong to the first of their submitters that committed to the file', () => {
    const listed = files([stem(1), sha('a')]);
    const owner = (...manifests: CommittedManifest[]) => findDuplicates(submitted, manifests)[0]?.owner;
    expect(owner(manifest(A, 20, listed), manifest(C, 10, listed))).toBe(C);
    expect(owner(manifest(A, 20, listed))).toBe(A);
    expect(owner(manifest(A, 20, files([stem(1), sha('b')])))).toBeUndefined();
    expect(owner(manifest(B, 5, listed), manifest(A, 20, listed))).toBe(A);
    expect(owner(manifest(A, 10, listed), manifest(C, 10, listed))).toBeUndefined();
    expect(duplicateErrorCode(C)).toBe(`duplicate_of:${C.slice(0, 10)}`);
  });

  it('are the same picture too, whatever bytes drew it: a blank at the end of a copy hides nothing', () => {
    const copied = new Map([
      [C, entries([stem(1), 'ap'])],
      [A, entries([stem(1), 'bp'])],
      [B, entries([stem(1), 'cq'])],
    ]);
    expect(findDuplicates(copied)).toEqual([{ stem: stem(1), hotkeys: [A, C], owner: undefined }]);
    const owner = (...manifests: CommittedManifest[]) => findDuplicates(copied, manifests)[0]?.owner;
    const own = (key: Hotkey, block: number, glb: string) => manifest(key, block, files([stem(1), sha(glb)]));
    // Each proves the bytes that it submitted, and the earlier proof counts.
    expect(owner(own(C, 10, 'a'))).toBe(C);
    expect(owner(own(C, 10, 'a'), own(A, 20, 'b'))).toBe(C);
    expect(owner(own(C, 20, 'a'), own(A, 10, 'b'))).toBe(A);
    // Whoever copied cannot claim by the original's bytes, which it did not submit.
    expect(owner(own(A, 5, 'a'), own(C, 10, 'a'))).toBe(C);
  });

  it('need a file that was stored, and no picture where an entry names none', () => {
    const { png_sha256: _, ...bare } = result({ glb_sha256: sha('a') });
    const lost = result({ glb: null, png: null, glb_sha256: sha('a') });
    const older = new Map([A, B, C].map((key, at) => [key, generations([[stem(1), at === 2 ? lost : bare]])]));
    expect(findDuplicates(older)).toEqual([{ stem: stem(1), hotkeys: [A, B], owner: undefined }]);
  });

  it('are in one group exactly when equal bytes or pictures link them, in whatever order they come', () => {
    const file = fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom('p', 'q', 'r', 's'));
    fc.assert(
      fc.property(fc.array(file, { minLength: 2, maxLength: 8 }), (made) => {
        const given = made.map(([glb, png], n) => [hotkey(n), entries([stem(1), glb + png])] as const);
        const groups = findDuplicates(new Map(given)).map(({ hotkeys }) => hotkeys);
        expect(findDuplicates(new Map(given.toReversed())).map(({ hotkeys }) => hotkeys)).toEqual(groups);
        expect(new Set(groups.flat()).size).toBe(groups.flat().length);
        const groupOf = (n: number) => groups.find((group) => group.includes(hotkey(n))) ?? [hotkey(n)];
        for (const [n, [glb, png]] of made.entries()) {
          const equal = made.flatMap(([otherGlb, otherPng], m) => (glb === otherGlb || png === otherPng ? [m] : []));
          for (const m of equal) expect(groupOf(m)).toEqual(groupOf(n));
          if (equal.length === 1) expect(groupOf(n)).toEqual([hotkey(n)]);
        }
      }),
    );
  });
});
