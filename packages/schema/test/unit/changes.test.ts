import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Amendment,
  type Amendments,
  type Build,
  type GenerationAudit,
  type GenerationResult,
  type LeaderEntry,
  type MatchReport,
  type MatchRow,
  Stem,
  type Submissions,
  stateFiles,
} from '../../src/gen3d/index.js';
import { type ChangeFault, describeValueChange, Hotkey } from '../../src/index.js';

const ALICE = Hotkey.parse('5GgpGaDxzTyBAME1Ju9ZhUstWj2VTm1n4tAUkRHLi4birQZg');
const BOB = Hotkey.parse('5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty');
const A = Stem.parse('a');

type Order = Amendment extends infer One ? (One extends Amendment ? Omit<One, 'id' | 'at' | 'reason'> : never) : never;
const ordered = (...orders: readonly Order[]): Amendments =>
  orders.map((order, index) => ({ id: index + 1, at: '2026-02-05T08:00:00Z', reason: 'why', ...order }) as Amendment);
const told = (faults: readonly ChangeFault[]) => faults.map(({ code, severity }) => `${severity} ${code}`);
const params = { side: ALICE, left: 'leader', round: 0 };

describe('a build', () => {
  const build = (fields: Partial<Build> = {}): Build => ({
    repo: 'a/b',
    commit: '0'.repeat(40),
    revealed_at_block: 1 as Build['revealed_at_block'],
    tag: '0000000-x-0',
    status: 'pending',
    docker_image: null,
    ...fields,
  });
  const twice = ordered({ action: 'retry_build', hotkey: ALICE }, { action: 'retry_build', hotkey: ALICE });
  const others = ordered({ action: 'retry_build', hotkey: BOB }, { action: 'void_audit', hotkey: ALICE });

  it.each<readonly [string, Partial<Build>, Partial<Build>, Amendments, readonly string[]]>([
    ['that is pending starts', {}, { status: 'in_progress' }, [], []],
    ['that is running is queued again', { status: 'in_progress' }, {}, [], []],
    ['ends', { status: 'in_progress' }, { status: 'success', docker_image: 'x' }, [], []],
    [
      'changes its image',
      { status: 'success', docker_image: 'x' },
      { status: 'success', docker_image: 'y' },
      [],
      ['error settled_changed'],
    ],
    ['becomes another commit before it ends', {}, { commit: '1'.repeat(40) }, [], ['error settled_changed']],
    [
      'becomes another repository under an amendment',
      { status: 'failure' },
      { repo: 'x/y', amendment: 2 },
      twice,
      ['error settled_changed'],
    ],
    ['is retried', { status: 'failure' }, { amendment: 2 }, twice, []],
    ['is retried without saying so', { status: 'failure' }, {}, twice, ['error settled_changed']],
    [
      "is retried by somebody else's amendment",
      { status: 'failure' },
      { amendment: 1 },
      others,
      ['error settled_changed'],
    ],
    [
      'is retried by an amendment of another kind',
      { status: 'failure' },
      { amendment: 2 },
      others,
      ['error settled_changed'],
    ],
    [
      'is retried twice by one amendment',
      { status: 'failure', amendment: 2 },
      { amendment: 2 },
      twice,
      ['error settled_changed'],
    ],
    ['drops its amendment while it is open', { amendment: 2 }, {}, twice, ['error wrong_amendment']],
    ['goes back to an older amendment', { amendment: 2 }, { amendment: 1 }, twice, ['error wrong_amendment']],
    ['names an amendment to come', {}, { status: 'failure', amendment: 9 }, twice, ['error wrong_amendment']],
  ])('%s', (_what, before, after, amendments, faults) => {
    const { check } = stateFiles.builds.change;
    expect(told(check({ [ALICE]: build(before) }, { [ALICE]: build(after) }, { amendments, params }))).toEqual(faults);
  });

  it('that is new names only an amendment that is there', () => {
    const { check, checkNew } = stateFiles.builds.change;
    const early = { [ALICE]: build({ amendment: 7 }) };
    expect(told(check({}, early, { amendments: twice, params }))).toEqual(['error wrong_amendment']);
    expect(told(checkNew(early, { amendments: twice, params }))).toEqual(['error wrong_amendment']);
    expect(checkNew({ [ALICE]: build({ amendment: 1 }) }, { amendments: twice, params })).toEqual([]);
    expect(checkNew({ [ALICE]: build() }, { amendments: [], params })).toEqual([]);
  });
});

describe('an audit', () => {
  const audit = (fields: Partial<GenerationAudit> = {}): GenerationAudit => ({
    hotkey: ALICE,
    outcome: 'pending',
    checked_prompts: 0,
    failed_prompts: 0,
    failed_critical: 0,
    generation_time: null,
    reason: '',
    ...fields,
  });
  const voided = ordered({ action: 'void_audit', hotkey: ALICE });

  it.each<readonly [string, Partial<GenerationAudit>, Partial<GenerationAudit>, Amendments, readonly string[]]>([
    ['is settled', {}, { outcome: 'passed' }, [], []],
    ['changes its verdict', { outcome: 'rejected' }, { outcome: 'passed' }, [], ['error settled_changed']],
    [
      'keeps its verdict and changes a number',
      { outcome: 'passed' },
      { outcome: 'passed', failed_prompts: 1 },
      [],
      ['error settled_changed'],
    ],
    ['is open again', { outcome: 'rejected' }, {}, [], ['error settled_changed']],
    ['is open again under an amendment', { outcome: 'rejected' }, { amendment: 1 }, voided, []],
    ['is settled under an amendment at once', { outcome: 'rejected' }, { outcome: 'passed', amendment: 1 }, voided, []],
    [
      'is settled under it a second time',
      { outcome: 'rejected', amendment: 1 },
      { outcome: 'passed', amendment: 1 },
      voided,
      ['error settled_changed'],
    ],
    ['is settled and forgets it', { amendment: 1 }, { outcome: 'passed' }, voided, ['error wrong_amendment']],
    ['is settled as if under an amendment', {}, { outcome: 'passed', amendment: 1 }, [], ['error wrong_amendment']],
  ])('%s', (_what, before, after, amendments, faults) => {
    const { check } = stateFiles.generationAudits.change;
    expect(told(check({ [ALICE]: audit(before) }, { [ALICE]: audit(after) }, { amendments, params }))).toEqual(faults);
  });

  it('does not vanish', () => {
    const { check } = stateFiles.generationAudits.change;
    expect(told(check({ [ALICE]: audit() }, {}, { amendments: voided, params }))).toEqual(['error key_lost']);
  });
});

const result = (fields: Partial<GenerationResult> = {}): GenerationResult => ({
  glb: 'g',
  png: 'p',
  generation_time: 10,
  size: 5,
  attempts: 1,
  distance: 0.05,
  ...fields,
});
const failed = { glb: null, png: null };
const copy = { png: null, error: { code: 'duplicate_of:5FHneW46xG', message: 'first listed there' } };

describe('a submitted file', () => {
  it.each<readonly [string, Partial<GenerationResult>, Partial<GenerationResult>, readonly string[]]>([
    ['that failed is tried again', failed, {}, ['info retried']],
    ['changes its size', {}, { size: 6 }, ['error settled_changed']],
    ['fails afterwards', {}, failed, ['error settled_changed']],
    ['is flagged', {}, { duplicates: ['5FHneW46xG'] }, []],
    ['is flagged once more', { duplicates: ['5FHneW46xG'] }, { duplicates: ['5DScQA9A1u', '5FHneW46xG'] }, []],
    ['loses a flag', { duplicates: ['5FHneW46xG'] }, {}, ['error settled_changed']],
    ['loses its preview as a copy', {}, { ...copy, duplicates: ['5FHneW46xG'] }, []],
    [
      'loses its preview for another reason',
      {},
      { ...copy, error: { code: 'too_large', message: '' } },
      ['error settled_changed'],
    ],
    ['loses its preview as a copy, and changes', {}, { ...copy, size: 6 }, ['error settled_changed']],
    ['that is a copy gets its preview back', copy, {}, ['error settled_changed']],
    ['that is a copy becomes another file', copy, { glb: 'other' }, ['error settled_changed']],
    [
      'that is a copy becomes that of somebody else',
      copy,
      { ...copy, error: { code: 'duplicate_of:x', message: '' } },
      ['error settled_changed'],
    ],
  ])('%s', (_what, before, after, faults) => {
    const { check } = stateFiles.submitted.change;
    const context = { amendments: [], params };
    expect(told(check({ [A]: result(before) }, { [A]: result(after) }, context))).toEqual(faults);
  });
});

describe('a generated file', () => {
  const voided = ordered({ action: 'void_audit', hotkey: ALICE });
  const blank = { ...failed, generation_time: 0, size: 0, attempts: 0, distance: 0 };

  it.each<readonly [string, Partial<GenerationResult>, Partial<GenerationResult>, Amendments, readonly string[]]>([
    ['is tried again and better', {}, { attempts: 2, generation_time: 9 }, [], []],
    ['is tried again and worse', {}, { attempts: 2, generation_time: 11 }, [], ['warn got_worse']],
    ['is lost', {}, { ...failed, attempts: 2 }, [], ['warn got_worse']],
    ['is measured again, as farther away', {}, { distance: 0.06 }, [], ['info rewritten']],
    ['is measured again, as nearer', {}, { distance: 0.01 }, [], ['error rewritten']],
    [
      'is measured again, as nearer, and told as slower',
      {},
      { distance: 0.01, generation_time: 1000 },
      [],
      ['warn got_worse', 'error rewritten'],
    ],
    ['forgets attempts', { attempts: 3 }, { attempts: 1, generation_time: 9 }, [], ['error attempts_fell']],
    ['starts anew without an order', { attempts: 3 }, blank, [], ['error attempts_fell', 'warn got_worse']],
    ['starts anew as ordered', { attempts: 3 }, blank, voided, ['info retried']],
    [
      'forgets attempts under an order to start anew',
      { attempts: 3 },
      { attempts: 1 },
      voided,
      ['error attempts_fell'],
    ],
    [
      "starts anew by somebody else's order",
      { attempts: 3 },
      blank,
      ordered({ action: 'void_audit', hotkey: BOB }),
      ['error attempts_fell', 'warn got_worse'],
    ],
  ])('%s', (_what, before, after, amendments, faults) => {
    const { check } = stateFiles.generated.change;
    expect(told(check({ [A]: result(before) }, { [A]: result(after) }, { amendments, params }))).toEqual(faults);
  });
});

describe('a match', () => {
  const report = (fields: Partial<MatchReport> = {}): MatchReport => ({
    left: 'leader',
    right: ALICE,
    score: 0,
    margin: 0,
    duels: [],
    ...fields,
  });
  const rejudged = ordered(
    { action: 'rejudge_match', left: 'leader', right: ALICE },
    { action: 'rejudge_match', left: BOB, right: ALICE },
  );

  it.each<readonly [string, Partial<MatchReport>, Partial<MatchReport>, Amendments, readonly string[]]>([
    ['is judged again', {}, { score: 1 }, [], ['error rewritten']],
    ['is judged again as ordered', {}, { score: 1, amendment: 1 }, rejudged, []],
    ['is judged again as ordered, without saying so', {}, { score: 1 }, rejudged, ['error rewritten']],
    ['is judged again by the order for another', {}, { score: 1, amendment: 2 }, rejudged, ['error rewritten']],
    ['is judged again twice by one order', { amendment: 1 }, { score: 1, amendment: 1 }, rejudged, ['error rewritten']],
    ['becomes another match', {}, { right: BOB, amendment: 1 }, rejudged, ['error rewritten']],
  ])('%s', (_what, before, after, amendments, faults) => {
    const { check } = stateFiles.matchReport.change;
    expect(told(check(report(before), report(after), { amendments, params }))).toEqual(faults);
  });

  it.each<readonly [string, Partial<MatchReport>, readonly string[]]>([
    ['where it belongs', {}, []],
    ['after it was ordered again', { amendment: 1 }, []],
    ['as if it had been ordered', { amendment: 3 }, ['error wrong_amendment']],
    ["in another challenger's folder", { right: BOB }, ['error misplaced']],
    ["under another defender's name", { left: BOB }, ['error misplaced']],
  ])('is reported %s', (_what, fields, faults) => {
    const { checkNew } = stateFiles.matchReport.change;
    expect(told(checkNew(report(fields), { amendments: rejudged, params }))).toEqual(faults);
  });

  const row = (right: Hotkey, margin: number): MatchRow => ({ left: 'leader', right, margin });
  it.each<readonly [string, readonly MatchRow[], readonly MatchRow[], Amendments, readonly string[]]>([
    ['gets its row', [row(BOB, 0)], [row(ALICE, 0.5)], [], []],
    ['gets the same row again', [row(ALICE, 0.5)], [row(ALICE, 0.5)], [], []],
    ['gets another row', [row(ALICE, 0.5)], [row(ALICE, 0)], [], ['error rewritten']],
    ['gets two rows at once', [], [row(ALICE, 0.5), row(ALICE, 0)], [], ['error rewritten']],
    ['gets another row as ordered', [row(ALICE, 0.5)], [row(ALICE, 0)], rejudged, []],
    [
      'gets two other rows by one order',
      [row(ALICE, 0.5)],
      [row(ALICE, 0), row(ALICE, 0.5)],
      rejudged,
      ['error rewritten'],
    ],
    ['is not to blame for older rows', [row(ALICE, 0.5), row(ALICE, 0)], [row(BOB, 0)], [], []],
  ])('%s', (_what, before, added, amendments, faults) => {
    const { check } = stateFiles.matchMatrix.change;
    expect(told(check(before, [...before, ...added], { amendments, params }))).toEqual(faults);
  });
});

describe('what is appended to', () => {
  const entry = (block: number): LeaderEntry =>
    ({
      hotkey: ALICE,
      repo: 'a/b',
      commit: '0'.repeat(40),
      docker: 'x',
      weight: 1,
      effective_block: block,
    }) as LeaderEntry;
  const { check, checkNew } = stateFiles.leader.change;
  const context = { amendments: [], params: {} };

  it('has leaders in the order of their blocks; older faults are not held against a new entry', () => {
    expect(check([entry(1)], [entry(1), entry(2)], context)).toEqual([]);
    expect(told(check([entry(2)], [entry(2), entry(2)], context))).toEqual(['error order']);
    expect(told(checkNew([entry(2), entry(1)], context))).toEqual(['error order']);
    expect(check([entry(3), entry(1)], [entry(3), entry(1), entry(2)], context)).toEqual([]);
  });

  it('takes what was appended in one step or in several alike', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 6 }), fc.nat(6), (blocks, cut) => {
        const all = blocks.map(entry);
        const some = all.slice(0, cut);
        const inSteps = [...checkNew(some, context), ...check(some, all, context)];
        expect(inSteps.length > 0).toBe(checkNew(all, context).length > 0);
      }),
    );
  });

  it('loses nothing, in no place', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(99), { minLength: 1, maxLength: 6 }), fc.nat(5), (blocks, at) => {
        const before = blocks.toSorted((a, b) => a - b).map(entry);
        const after = before.filter((_, index) => index !== at % before.length);
        expect(told(check(before, after, context))).toEqual(['error not_append']);
      }),
    );
  });

  it('names the entry that was changed or removed, with what it said before and says now', () => {
    const says = (before: readonly LeaderEntry[], after: readonly LeaderEntry[]) =>
      check(before, after, context).map(({ detail }) => detail);
    const [a, b, c] = [entry(1), entry(2), entry(3)];
    expect(says([a, { ...b, weight: 0.8 }, c], [a, b, c])).toEqual(['entry 1 was changed (weight 0.8 → 1)']);
    expect(says([a, b], [a, { ...b, repo: 'c/d' }] as LeaderEntry[])).toEqual([
      'entry 1 was changed (repo "a/b" → "c/d")',
    ]);
    for (const [before, after] of [
      [
        [a, b, c],
        [a, c],
      ],
      [[a, b], [a]],
    ] as const) {
      expect(says(before, after)).toEqual([
        expect.stringMatching(/^entry 1 was removed \(hotkey ".*effective_block 2\)$/),
      ]);
    }
    expect(describeValueChange([a], [a, b])).toMatch(/^entry 1 was added \(hotkey /);
    expect(describeValueChange({ x: 1, y: [] }, { x: 2, y: [] })).toBe('x 1 → 2');
    expect(describeValueChange([a], [{ ...a }])).toBeUndefined();
  });

  it('resumes only the stage that was paused', () => {
    const amendments = stateFiles.amendments.change;
    const pause = { action: 'pause', stage: 'duels' } as const;
    const resume = { action: 'resume', stage: 'duels' } as const;
    const list = (...orders: readonly Order[]) => [...ordered(...orders)];
    const before = list(pause);
    expect(amendments.check(before, list(pause, resume), context)).toEqual([]);
    expect(told(amendments.check(before, list(pause, { ...resume, stage: 'open' }), context))).toEqual(['error order']);
    expect(told(amendments.checkNew(list(resume), context))).toEqual(['error order']);
    const text = JSON.stringify(ordered({ action: 'pause', stage: 'paused' }));
    expect(() => stateFiles.amendments.parse(text, 'x')).toThrow(/stage/);
  });
});

describe('what is written once', () => {
  it('includes the order of submissions', () => {
    const one = { repo: 'a/b', commit: '0'.repeat(40), cdn_url: 'https://x.org', revealed_at_block: 1, round: 'x-0' };
    const { check } = stateFiles.submissions.change;
    const before = { [ALICE]: one, [BOB]: one } as unknown as Submissions;
    const after = { [BOB]: one, [ALICE]: one } as unknown as Submissions;
    expect(check(before, before, { amendments: [], params: {} })).toEqual([]);
    expect(told(check(before, after, { amendments: [], params: {} }))).toEqual(['error rewritten']);
  });
});
