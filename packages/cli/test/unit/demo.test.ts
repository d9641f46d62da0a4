import { stripVTControlCharacters } from 'node:util';
import type { DemoEvent, DemoResult } from '@tiltyard/dev-env/gen3d';
import { Hotkey, LEADER } from '@tiltyard/schema';
import type { Stem } from '@tiltyard/schema/gen3d';
import { describe, expect, it } from 'vitest';
import { demoFacts } from '../../src/commands/demo/demo-facts.js';
import { linesOfProgress } from '../../src/commands/demo/demo-progress.js';
import { demoTables } from '../../src/commands/demo/demo-tables.js';

const hotkey = (letter: string) => Hotkey.parse(`5${letter.repeat(47)}`);
const cheat = { hotkey: hotkey('C'), name: 'cheat' };
const faithful = { hotkey: hotkey('F'), name: 'faithful' };
const LONG_REASON =
  'Trimmed median generation time (2.71s) exceeds limit (2.00s); Non-critical mismatches (8) exceed tolerance (1); Critical mismatches (2) exceed tolerance (1)';

const RESULT: DemoResult = {
  ok: true,
  deviations: [],
  seconds: { setup: 61.5, competition: 96.25 },
  folder: { root: '/d', repository: '/d/state', page: '/d/page', logs: '/d/logs' },
  rounds: [
    {
      round: 0,
      prompts: ['boat' as Stem],
      winMargin: 0.05,
      acceptableDistance: 0.03,
      medianLimitSeconds: 2,
      submissions: ['cheat', 'faithful'],
      qualified: ['cheat', 'faithful'],
      timeline: [
        { ...cheat, defender: LEADER, margin: 1, againstLeader: 1, status: 'rejected', hasLed: true },
        { ...faithful, defender: LEADER, margin: 0.75, againstLeader: 0.75, status: 'won', hasLed: true },
      ],
      audits: [
        { ...cheat, outcome: 'rejected', reason: LONG_REASON, generationTime: 2.71, distances: { boat: 0.2 } },
        { ...faithful, outcome: 'passed', reason: '', generationTime: 0.5, distances: { boat: 0.00001 } },
      ],
      deliveries: [
        {
          ...cheat,
          files: 1,
          usable: 0,
          failed: [{ stem: 'boat' as Stem, code: 'not_glb', message: `${'very '.repeat(40)}wrong` }],
          sameAs: {},
        },
        { ...faithful, files: 1, usable: 1, failed: [], sameAs: {} },
      ],
      matches: [],
      winner: 'faithful',
      isDefended: false,
      leader: 'base',
    },
  ],
  leaders: [
    { ...faithful, repo: 'a/b', commit: 'c'.repeat(40), docker: 'local/f:1', weight: 1, effective_block: 7_000_000 },
  ],
  weights: [{ uid: 10, name: 'faithful', weight: 1 }],
  audit: { ok: true, commits: 49, findings: [] },
  outcomes: { cheat: `Round 0: led until its audit rejected it: ${LONG_REASON}.`, faithful: 'Round 0: won the round.' },
  peakPssBytes: 2.5 * 2 ** 30,
  kills: 0,
};

describe("a demo's tables", () => {
  it('fit into a hundred columns, reasons and all', () => {
    for (const line of demoTables(RESULT, { colours: true }).split('\n')) {
      expect(stripVTControlCharacters(line).length, line).toBeLessThanOrEqual(100);
    }
  });

  it('tell every round, the leaders, the weights, the verdicts and the places', () => {
    const text = demoTables(RESULT, { colours: false });
    expect(text).toContain('Round 0  faithful won, base led before');
    expect(text).toMatch(/cheat +led, then rejected +\+1 +base \(leader\) +\+1 +0 of 1/);
    expect(text).toMatch(/faithful +won the round +\+0\.75/);
    expect(text).toMatch(/cheat +rejected +0\.2000 +2\.71 s\n +Trimmed median/);
    expect(text).toMatch(/cheat +not_glb +1 +very very/);
    expect(text).toMatch(/faithful +1 +7000000/);
    expect(text).toMatch(/10 +faithful +1\.0000/);
    expect(text).toContain('no errors in 49 commits');
    expect(text).toContain('competition 96.3 s, set-up 61.5 s, memory at most 2.50 GiB');
    expect(text).toMatch(/page +\/d\/page\/index\.html\nrepository +\/d\/state\nlogs +\/d\/logs$/);
  });

  it('have no colours where none are wanted', () => {
    const text = demoTables(RESULT, { colours: false });
    expect(stripVTControlCharacters(text)).toBe(text);
  });

  it('say what went wrong', () => {
    const text = demoTables({ ...RESULT, ok: false, deviations: ['round 0: rough won'] }, { colours: false });
    expect(text).toContain('It did not end as it should\n  round 0: rough won');
    expect(text).toContain('Failed: competition');
  });
});

describe("a demo's JSON", () => {
  it('holds what was promised, under the promised names', () => {
    expect(JSON.parse(JSON.stringify(demoFacts(RESULT)))).toMatchObject({
      seconds: { setup: 61.5, competition: 96.25 },
      repository: '/d/state',
      rounds: [
        {
          round: 0,
          submissions: ['cheat', 'faithful'],
          qualified: ['cheat', 'faithful'],
          timeline: [
            { hotkey: cheat.hotkey, name: 'cheat', defender: 'leader', margin: 1, status: 'rejected' },
            { hotkey: faithful.hotkey, name: 'faithful', defender: 'leader', margin: 0.75, status: 'won' },
          ],
          audits: [
            { name: 'cheat', outcome: 'rejected', reason: LONG_REASON, distances: { boat: 0.2 } },
            { name: 'faithful', outcome: 'passed', reason: '', distances: { boat: 0.00001 } },
          ],
          winner: 'faithful',
        },
      ],
      leader: [{ hotkey: faithful.hotkey, name: 'faithful', weight: 1, effective_block: 7_000_000 }],
      weights: { '10': 1 },
      audit: { ok: true, findings: [] },
      outcomes: { faithful: 'Round 0: won the round.' },
    });
  });
});

describe("a demo's plain lines", () => {
  it('have the seconds since the start before each thing that happens', async () => {
    const written: string[] = [];
    let nowMs = 1_000;
    const progress = linesOfProgress(
      (line) => written.push(line),
      () => nowMs,
    );
    const events: readonly DemoEvent[] = [
      { kind: 'phase', text: 'services' },
      { kind: 'progress', round: 0, stage: 'duels', note: 'match leader v cheat' },
      { kind: 'lead', round: 0, name: 'cheat', margin: 1 },
      { kind: 'audit', round: 0, name: 'cheat', outcome: 'rejected', reason: 'too far' },
      { kind: 'kill', service: 'judge-service', downMs: 1_500 },
      { kind: 'memory', pssBytes: 1 },
      { kind: 'service', news: { service: 'judge-service', says: 'started' } },
      { kind: 'service', news: { service: 'judge-service', says: 'published: match' } },
      { kind: 'service', news: { service: 'judge-service', says: 'started' } },
      { kind: 'service', news: { service: 'round-manager', says: 'started' } },
    ];
    for (const event of events) {
      nowMs += 500;
      progress.tell(event);
    }
    await progress.close();
    expect(written).toEqual([
      '   0.5  services\n',
      '   1.0  round 0  duels: match leader v cheat\n',
      '   1.5  round 0  cheat leads with +1\n',
      '   2.0  round 0  cheat is rejected: too far\n',
      '   2.5  killed judge-service; it was back after 1.5 s\n',
      '   3.5  judge-service: started\n',
      '   5.0  round-manager: started\n',
    ]);
  });
});
