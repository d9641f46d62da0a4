import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AnnouncedFile,
  type AnyPathParams,
  announceChanges,
  announcements,
  type CompetitionState,
  gen3d,
  isAnnouncedBy,
  SERVICES,
  type ServiceName,
  STAGE_EDGES,
  STAGE_OWNER,
  STAGES,
  type StateFileName,
  stateFiles,
} from '../../src/gen3d/index.js';
import { LEADER, parseCommitMessage, type Side, shortName } from '../../src/index.js';
import { hotkey, VALID_FILES } from '../support/valid-files.js';

const ROUND = 5;
/** Files that come with others only: their lines are those of the change of state or of the submissions. */
const COMPANIONS: readonly StateFileName[] = [
  'config',
  'leader',
  'schedule',
  'rules',
  'seed',
  'prompts',
  'promptImages',
];

const side = fc.oneof(fc.constant<Side>(LEADER), hotkey as fc.Arbitrary<Side>);

function change(name: StateFileName, params: AnyPathParams, after: unknown, before?: unknown): AnnouncedFile {
  return { name, params, before, after };
}

function paramsOf(name: StateFileName, of: { readonly side: Side; readonly left: Side }): AnyPathParams {
  const { template } = stateFiles[name].path;
  return {
    ...(template.includes('{round}') ? { round: ROUND } : {}),
    ...(template.includes('{side}') ? { side: of.side } : {}),
    ...(template.includes('{left}') ? { left: shortName(of.left) } : {}),
  };
}

/** The files that a service may change without any other, state.json aside. */
const aloneOf = (writer: ServiceName) =>
  (Object.keys(stateFiles) as StateFileName[]).filter(
    (name) => stateFiles[name].writers.includes(writer) && name !== 'state' && !COMPANIONS.includes(name),
  );

/** Any set of files out of these. */
const changesOf = (names: readonly StateFileName[]) => {
  const one = fc.constantFrom(...names).chain((name) => {
    const challenger = name === 'matchReport' ? (hotkey as fc.Arbitrary<Side>) : side;
    const value = VALID_FILES[name].filter((held) => name !== 'amendments' || (held as unknown[]).length > 0);
    return fc
      .tuple(challenger, side, value)
      .map(([of, left, after]) => change(name, paramsOf(name, { side: of, left }), after));
  });
  return fc.array(one, { minLength: 1, maxLength: 4 });
};

function expectAnnounced(changes: readonly AnnouncedFile[], writer: ServiceName): void {
  const lines = announceChanges(changes, writer);
  const read = lines.map(announcements.parse).filter((read) => read !== undefined);
  expect(read.length, lines.join()).toBe(lines.length);
  for (const one of read) expect(announcements.owners(one), lines.join()).toContain(writer);
  for (const file of changes) {
    expect(
      read.some((one) => isAnnouncedBy(one, file)),
      `${file.name} by ${lines.join()}`,
    ).toBe(true);
  }
  expect(lines).toEqual([...new Set(lines)].sort());
}

describe('the lines of a commit', () => {
  // All that the round manager writes comes with a change of state: see below.
  it.each(SERVICES.filter((writer) => aloneOf(writer).length > 0))(
    'account for every file that %s changes, and are its own',
    (writer) => {
      fc.assert(
        fc.property(changesOf(aloneOf(writer)), (changes) => expectAnnounced(changes, writer)),
        { numRuns: 100 },
      );
    },
  );

  it('account for every move of the stage by its owner, whatever it comes with', () => {
    const state = (stage: CompetitionState['stage'], round = ROUND) => ({
      current_round: round,
      stage,
      next_stage_eta: null,
    });
    for (const from of STAGES) {
      const owner = STAGE_OWNER[from];
      if (owner === null) continue;
      for (const to of [...STAGE_EDGES[from], 'paused', from] as const) {
        const round = to === 'open' && from === 'finalizing' ? ROUND + 1 : ROUND;
        const moved = change('state', {}, state(to, round), state(from));
        expectAnnounced([moved], owner);
        expectAnnounced([change('state', {}, state(from), state('paused'))], owner);
        if (from === 'finalizing' && to !== from) {
          const schedule = [change('schedule', { round }, {}), change('rules', { round }, {})];
          const leader = [change('leader', {}, [])];
          for (const more of [schedule, leader, [...schedule, ...leader]]) expectAnnounced([moved, ...more], owner);
        }
        if (from === 'open' && to !== 'paused') {
          const drawn = (['seed', 'promptImages', 'prompts', 'submissions'] as const).map((name) =>
            change(name, { round }, {}),
          );
          expectAnnounced([moved, ...drawn], owner);
          const held = change('submissions', { round }, { someone: {} });
          expectAnnounced([moved, ...drawn.slice(0, 3), held], owner);
        }
      }
    }
  });

  it('of the first commit is one, for all its files', () => {
    const first = ['config', 'state', 'leader', 'promptPool', 'allowedSigners', 'schedule', 'rules'] as const;
    const changes = first.map((name) =>
      change(name, paramsOf(name, { side: LEADER, left: LEADER }), name === 'config' ? { name: 'mesh.v2_x' } : {}),
    );
    expect(announceChanges(changes, 'operator')).toEqual(['Start competition mesh.v2_x']);
    expectAnnounced(changes, 'operator');
  });

  it('do not account for a file of another miner, match or round', () => {
    const announced = (line: string, name: StateFileName, params: AnyPathParams) => {
      const read = announcements.parse(line);
      return read !== undefined && isAnnouncedBy(read, { name, params });
    };
    const [alice, bob] = fc.sample(hotkey as fc.Arbitrary<Side>, { numRuns: 2, seed: 7 });
    if (alice === undefined || bob === undefined) throw new Error('no sample');
    const line = `Update submitted for round 5, miner ${shortName(alice)}`;
    expect(announced(line, 'submitted', { round: 5, side: alice })).toBe(true);
    expect(announced(line, 'submitted', { round: 5, side: bob })).toBe(false);
    expect(announced(line, 'submitted', { round: 4, side: alice })).toBe(false);
    expect(announced(line, 'generated', { round: 5, side: alice })).toBe(false);
    const match = `Match report: leader vs ${shortName(alice)}`;
    expect(announced(match, 'matchReport', { round: 5, side: alice, left: 'leader' })).toBe(true);
    expect(announced(match, 'matchReport', { round: 5, side: bob, left: 'leader' })).toBe(false);
    expect(announced(match, 'matchReport', { round: 5, side: alice, left: shortName(bob) })).toBe(false);
    expect(announced('Update state (open), schedule for round 5', 'leader', {})).toBe(false);
  });
});

describe('a line outside the grammar', () => {
  it.each([
    'Round 1: open',
    'Round 1: paused',
    'Round 1: miner_generation',
    'Update state (duels), schedule for round 1',
    'Update state (open), leader, schedule for round 1',
    'Update state (constructor) for round 1',
    'Match report: 5GgpGaDxzT vs leader',
    'Amendment 1 for round 1: steal_round',
    'Amendment 0 for round 1: pause',
    `Update build statuses for round ${'9'.repeat(400)}`,
    'Update build statuses for round -1',
    'Update build statuses for round 1e3',
    ' Update prompt pool',
    'Update prompt pool\u2028',
    'Update prompt pool\0',
    'update prompt pool',
    'Start competition ../../etc',
    'Start competition a/b',
    'Start competition a ',
    '',
  ])('is "%s"', (line) => {
    expect(announcements.parse(line)).toBeUndefined();
  });

  it('never makes a message unreadable, and no message makes two of one line', () => {
    const word = fc.constantFrom(
      'Service: ',
      'Version: ',
      'Round 1: duels',
      '\n',
      '\r\n',
      '\0',
      'judge-service',
      ' ',
      ':',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(word, fc.string({ maxLength: 5 })), { maxLength: 20 }), (parts) => {
        const read = parseCommitMessage(parts.join(''), gen3d);
        for (const { text, announcement } of read.lines) {
          expect(text).not.toMatch(/\n|^$/);
          expect(announcement).toEqual(announcements.parse(text));
        }
      }),
    );
  });
});
