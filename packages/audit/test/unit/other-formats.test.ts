import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Hotkey } from '@tiltyard/schema';
import { knownPath, stateFiles } from '@tiltyard/schema/gen3d';
import { describe, expect, it } from 'vitest';
import { legacyOf } from '../../src/audited-competition.js';
import { pathsOf } from '../../src/dialect.js';
import { GEN3D } from '../../src/gen3d/index.js';
import { sidePaths } from '../../src/gen3d/legacy/era-files.js';
import { OTHER_CONTENTS, otherContentOf } from '../../src/gen3d/legacy/other-contents.js';
import { OTHER_FILES, otherFileOf } from '../../src/gen3d/legacy/other-files.js';
import { OTHER_LINES, parseOtherLine } from '../../src/gen3d/legacy/other-lines.js';
import { type LaterAuditFacts, laterVerdict } from '../../src/gen3d/round/later-audits.js';
import { smallHistory } from '../support/history.js';

const A = Hotkey.parse(`5${'A'.repeat(47)}`);
const B = Hotkey.parse(`5${'B'.repeat(47)}`);

describe('other formats', () => {
  it('are told apart from the present one: no content of a present history is of another', () => {
    for (const commit of smallHistory('reference')) {
      for (const [path, text] of commit.files) {
        const known = knownPath(path);
        if (known === undefined || text === null || known.file.codec.kind === 'lines') continue;
        const content: unknown = known.file.codec.kind === 'json' ? JSON.parse(text) : text;
        expect(otherContentOf(known.name, content)?.id, path).toBeUndefined();
      }
    }
  });

  it('never throw, whatever a content is', () => {
    const junk = [
      null,
      0,
      '',
      'leader',
      true,
      [],
      {},
      [null],
      { a: null },
      { a: {} },
      [[]],
      { duels: null },
      { duels: [{}] },
    ];
    const shapes = [
      { js: {} },
      { ply: 1 },
      { verdict: [] },
      { left_js: 1 },
      { hotkey: 5 },
      { stage: {} },
      { status: 1 },
    ];
    for (const content of [
      ...junk,
      ...shapes,
      ...shapes.map((shape) => ({ x: shape })),
      ...shapes.map((one) => [one]),
    ]) {
      for (const format of OTHER_CONTENTS) {
        expect(() => format.fits(content)).not.toThrow();
        expect(() => format.read?.(content)).not.toThrow();
      }
    }
  });

  it('have names of their own, and each is in docs/auditing.md', () => {
    const formats = [...OTHER_CONTENTS, ...OTHER_FILES, ...Object.values(OTHER_LINES)];
    expect(new Set(formats.map(({ id }) => id)).size).toBe(formats.length);
    const docs = readFileSync(fileURLToPath(new URL('../../../../docs/auditing.md', import.meta.url)), 'utf8');
    for (const { what, era } of formats) if (era !== 'unknown') expect(docs, what).toContain(what);
  });

  it.each([
    [`rounds/3/${A}/progress.json`, 'splat-making'],
    ['rounds/0/5E7eSeRr2a/generations.json', 'test-folder'],
    ['rounds/0/fake/duels_leader.json', 'test-folder'],
    ['rounds/3/judge_progress.json', 'splat-progress'],
    ['rounds/3/prompts.tsv', 'splat-prompts'],
    ['rounds/3/submission.json', 'splat-submission'],
    ['rounds/3/leader.json', 'splat-round-leader'],
    ['generations.json', 'splat-all-generations'],
    [`rounds/3/${A}/generated_2.json`, 'script-repeats'],
    [`rounds/3/${A}/duels_generated.json`, 'test-duels'],
    [`rounds/3/${A}/else.json`, 'unknown-round-file'],
    ['rounds/x/seed.json', 'unknown-round-file'],
    ['rounds/3/line\nbreak.json', 'unknown-round-file'],
    ['notes.json', 'unknown-file'],
    ['README.md', undefined],
    ['.github/workflows/build.yml', undefined],
    ['schemas/config.schema.json', undefined],
    ['docker-bake.hcl', undefined],
  ])('know %j as %s', (path, id) => {
    expect(otherFileOf(path)?.id).toBe(id);
  });

  it('have files that are read although the registry does not have them, in the reference dialect only', () => {
    const names = (dialect: 'ours' | 'reference') =>
      [
        'rounds/4/audit_matrix.csv',
        'rounds/4/generation_reports.json',
        `rounds/4/${A}/audit_submitted_1.json`,
        `rounds/4/${A}/audit_leader.json`,
        'rounds/4/leader/generated_1.json',
        `rounds/4/${A}/generations.json`,
        `rounds/4/${A}/generated_1.json`,
      ].map((path) => pathsOf(GEN3D, legacyOf(GEN3D, dialect)).known(path)?.name);
    expect(names('reference')).toEqual([
      'auditMatrix',
      'generationReports',
      'auditReport',
      'auditReport',
      'generated',
      'generated',
      undefined,
    ]);
    expect(new Set(names('ours'))).toEqual(new Set([undefined]));
    for (const path of sidePaths(4, A)) {
      const known = pathsOf(GEN3D, GEN3D.legacy).known(path);
      expect(known !== undefined && known.name in GEN3D.files).toBe(true);
    }
  });

  it('have lines of their own, by whom and for what', () => {
    expect(parseOtherLine('Update generations for round 3, miner 5E7eSeRr2a')).toMatchObject({
      owners: ['generation-orchestrator'],
      files: ['generated'],
      round: 3,
    });
    expect(parseOtherLine('Update judge progress for round 0')).toMatchObject({ owners: ['judge-service'], round: 0 });
    expect(parseOtherLine('Update state (collecting), schedule, leader for round 4')?.files).toContain('leader');
    expect(parseOtherLine('Audit report: submitted vs 5E7eSeRr2a')).toMatchObject({ round: undefined });
    expect(parseOtherLine('Update audit matrix for round 07')).toBeUndefined();
    expect(parseOtherLine('anything else')).toBeUndefined();
  });

  it('cost less than a schema to find out: what does not fit its own schema once translated is none', () => {
    const format = OTHER_CONTENTS.find(({ id }) => id === 'script-files');
    const translated = format?.read?.({ 'a b': { js: 'https://x.invalid/a.js', views: null, size: 1 } });
    expect(stateFiles.submitted.codec.schema.safeParse(translated).success).toBe(false);
  });
});

describe('the verdict on a miner of the later competition', () => {
  const report = (outcome: 'pending' | 'completed' | 'rejected', repeats: number, reason = '') => ({
    [A]: {
      hotkey: A,
      outcome,
      repeats: Array.from({ length: repeats }, (_, at) => ({ repeat_index: at + 1 })),
      reason,
    },
  });
  const row = (left: string, margin: number) => ({ left, right: A, margin });
  const facts = (some: Partial<LaterAuditFacts>): LaterAuditFacts => ({
    rows: [],
    reports: {},
    defenders: new Map([[A, 'leader']]),
    winMargin: 0.07,
    isJudgingDue: false,
    ...some,
  });

  it.each<[string, Partial<LaterAuditFacts>, string, string]>([
    ['is open while nothing is on record', {}, 'pending', ''],
    [
      'rejects whose container could not be built',
      { reports: report('rejected', 0, 'Failed to build a docker image') },
      'rejected',
      'generation report: Failed to build a docker image',
    ],
    [
      'rejects a re-run that loses to what was submitted by more than the win margin',
      { reports: report('completed', 1), rows: [row('submitted_1', -0.078125), row('leader_1', 0.3)] },
      'rejected',
      'submitted vs generated #1: -7.81%',
    ],
    [
      'lets one lose to it by less',
      { reports: report('completed', 1), rows: [row('submitted_1', -0.0625), row('leader_1', 0.0703125)] },
      'passed',
      '',
    ],
    [
      'rejects a re-run that does not beat the defender by the win margin',
      { reports: report('completed', 2), rows: [row('leader_2', 0.0625), row('leader_1', 0.3)] },
      'rejected',
      'leader vs generated #2: +6.25%',
    ],
    [
      'does not look at margins against a defender that it had before',
      {
        reports: report('completed', 1),
        rows: [row('submitted_1', 0), row('leader_1', 0), row(`${B}_1`, 0.1)],
        defenders: new Map([[A, B]]),
      },
      'passed',
      '',
    ],
    [
      'is open while a re-run has not been judged',
      { reports: report('completed', 2), rows: [row('submitted_1', 0), row('leader_1', 0.1)] },
      'pending',
      '',
    ],
    ['is open while re-runs go on', { reports: report('pending', 1), rows: [row('submitted_1', 0)] }, 'pending', ''],
    [
      'asks for no duels where re-runs were not numbered yet',
      { reports: { [A]: { hotkey: A, outcome: 'completed', reason: '' } } },
      'passed',
      '',
    ],
    [
      'asks for them once re-runs are judged',
      { reports: { [A]: { hotkey: A, outcome: 'completed', reason: '' } }, isJudgingDue: true },
      'pending',
      '',
    ],
    ['is open where no re-run is told of', { reports: report('completed', 0) }, 'pending', ''],
  ])('%s', (_what, some, outcome, reason) => {
    expect(laterVerdict(A, facts(some))).toEqual({ outcome, reason });
  });
});
