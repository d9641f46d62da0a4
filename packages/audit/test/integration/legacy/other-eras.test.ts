import type { SyntheticCommit } from '@tiltyard/audit-testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { type AuditReport, explainRound, type RuleId, reportText } from '../../../src/gen3d/index.js';
import { changeText, dropFile, withoutFiles } from '../../support/changed-commits.js';
import { asChain, asScripts, asSplats } from '../../support/eras.js';
import { auditCommits, EditableHistory, smallHistory } from '../../support/history.js';

const REFERENCE = smallHistory('reference');

function scripts(): EditableHistory {
  return new EditableHistory(asScripts(REFERENCE), 'reference');
}

/** Findings that are more than notes on the chain's speed and on formats, as `RULE severity`. */
function faultsOf({ findings }: AuditReport): readonly string[] {
  return findings
    .filter(({ rule }) => !['R6t', 'F3', 'R2f'].includes(rule))
    .map(({ rule, severity }) => `${rule} ${severity}`);
}

function notesOf({ findings }: AuditReport): readonly string[] {
  return findings.filter(({ rule }) => rule === 'F3').map(({ detail, severity }) => `${severity} ${detail}`);
}

function checkedOf({ rules }: AuditReport, ids: readonly RuleId[]): readonly (number | undefined)[] {
  return ids.map((id) => rules[id]?.checked);
}

const DERIVED: readonly RuleId[] = ['R1', 'R1b', 'R2', 'R2s', 'R5', 'R6', 'R7', 'R8', 'R9', 'R10', 'R11'];

describe('the later competition (three.js)', () => {
  let report: AuditReport;
  beforeAll(async () => {
    report = await auditCommits(scripts().commits);
  });

  it('is derived again as far as its files go: rows, reports, requests, verdicts, leaders and winners', () => {
    expect(faultsOf(report)).toEqual([]);
    for (const count of checkedOf(report, [...DERIVED, 'R2f', 'R3', 'R4'])) expect(count).toBeGreaterThan(0);
    const played = report.rounds.filter(({ winner }) => winner !== null);
    expect(played.map(({ agrees, rederived, winner }) => agrees && rederived === winner)).toEqual([true, true]);
    expect(explainRound(report, 0)).toMatch(/made its files again: rejected\n {4}leader vs generated #1: -100.00%/);
  });

  it('is reported once for each format, with how much there is of it and where it was first seen', () => {
    expect(notesOf(report).map((note) => note.replace(/ \(\d.*/, ''))).toEqual([
      'info submitted.json and generated.json with js files and views',
      'info match reports of js files, judged in stages',
      'info require_audit.json without critical prompts',
      'warn rounds/N/MINER/generated_K.json',
      'info rounds/N/generation_reports.json',
      'info lines of commit messages outside the grammar',
      'info rounds/N/MINER/audit_DEFENDER_K.json',
      'info rounds/N/audit_matrix.csv',
      'info generation_audits.json with verdicts',
    ]);
    expect(notesOf(report)[0]).toContain('(14 files in 28 versions, rounds 0 to 1; later competition (three.js))');
    const first = report.findings.find(({ rule }) => rule === 'F3');
    expect(first).toMatchObject({ path: 'rounds/0/leader/generated_1.json', round: null });
  });

  it('is decided by audit matrix and reports of re-runs where no verdict is on record', async () => {
    const silent = withoutFiles(scripts().commits, /generation_audits\.json$/);
    const found = await auditCommits(silent);
    expect(found.rounds.slice(0, 2).map(({ agrees }) => agrees)).toEqual([true, true]);
    expect(found.rules.R10).toMatchObject({ checked: 2, error: 0 });
  });

  it('lets its judge write verdicts, with its other lines in one commit (W3)', async () => {
    const commits = scripts().commits.map((commit) =>
      [...commit.files.keys()].some((path) => path.endsWith('audit_matrix.csv'))
        ? { ...commit, message: `${commit.message}Update generation audits for round 0\n` }
        : commit,
    );
    const at = commits.findIndex(({ files }) => [...files.keys()].some((path) => path.endsWith('audit_matrix.csv')));
    const verdicts = commits.findIndex(({ files }) =>
      [...files.keys()].some((path) => path.includes('generation_audits')),
    );
    const together = commits.slice(0, verdicts).map((commit, index) => {
      const files = new Map([...commit.files, ...(commits[verdicts]?.files ?? [])]);
      return index === at ? { ...commit, files } : commit;
    });
    const report = await auditCommits(together);
    expect(report.findings.filter(({ rule }) => /^[WS]/.test(rule))).toEqual([]);
  });

  it.each([
    ['numbered reports of re-runs', (path: string) => path],
    ['one report of a re-run without a number', (path: string) => path.replace(/_1\.json$/, '.json')],
  ])('is decided by %s in the rounds that had no audit matrix yet', async (_what, rename) => {
    const early = withoutFiles(scripts().commits, /generation_audits\.json$|audit_matrix\.csv$/).map((commit) => ({
      ...commit,
      files: new Map(
        [...commit.files].map(([path, text]): [string, string | null] => [
          /\/audit_\w+_1\.json$/.test(path) ? rename(path) : path,
          path.endsWith('generation_reports.json') && text !== null && rename('_1.json') === '.json'
            ? text.replace(/"repeats": \[[^\]]*\],/g, '')
            : text,
        ]),
      ),
    }));
    const found = await auditCommits(early);
    expect(found.rounds.slice(0, 2).map(({ agrees }) => agrees)).toEqual([true, true]);
    expect(found.rules.R10).toMatchObject({ checked: 2, error: 0, warn: 0 });
  });

  it.each<{ what: string; edit: (history: EditableHistory) => EditableHistory; expected: readonly string[] }>([
    {
      what: 'a verdict that its re-runs do not give (R4)',
      edit: (history) =>
        history.edit(history.writing(/generation_audits/), /generation_audits/, (text) =>
          text.replace('"failed"', '"passed"'),
        ),
      expected: ['R4 error', 'A4 warn'],
    },
    {
      what: 'a row of the audit matrix that is not what its report says (R1)',
      edit: (history) =>
        history.edit(history.writing(/audit_matrix/), /audit_matrix/, (text) => text.replace(/,0\.0$/m, ',0.5')),
      expected: ['R1 error'],
    },
    {
      what: 'a report of a re-run that is not what its duels come to (R1)',
      edit: (history) =>
        history.edit(history.writing(/audit_submitted_1/), /audit_submitted_1/, (text) =>
          text.replace('"draw"', '"right"'),
        ),
      expected: ['R1 error'],
    },
    {
      what: 'a request for a win that was none against the defender that it names (R3)',
      edit: (history) =>
        history.editJson(history.writing(/require_audit/), /require_audit/, (requests: Request[]) => {
          const [request] = requests;
          if (request !== undefined) request.latest_defender = request.hotkey;
        }),
      expected: ['R3 error'],
    },
    {
      what: 'files that a report does not show (R2)',
      edit: (history) =>
        history.editJson(history.writing(/duels_/), /duels_/, (match: { duels: { left_js: string | null }[] }) => {
          const [duel] = match.duels;
          if (duel !== undefined) duel.left_js = 'https://objects.synthetic.invalid/another.js';
        }),
      expected: ['R2 error'],
    },
  ])('finds $what', async ({ edit, expected }) => {
    const found = await auditCommits(edit(scripts()).commits);
    expect(faultsOf(found).filter((fault) => expected.includes(fault))).toEqual(expect.arrayContaining([...expected]));
    expect(found.ok).toBe(false);
  });

  it('may leave out a match that one side has no file for, and no other (R1)', async () => {
    const history = scripts();
    const at = history.writing(/^rounds\/0\/5\w+\/duels_leader/, 'first');
    const { path } = history.read(/^rounds\/0\/5\w+\/duels_leader/, at);
    const hotkey = path.split('/')[2] ?? '';
    const unplayed = dropFile(history.commits, path).map((commit) =>
      changeText(commit, /^rounds\/0\/matches_matrix/, (text) =>
        text.replace(new RegExp(`^leader,${hotkey},.*$`, 'm'), `leader,${hotkey},-1.0`),
      ),
    );
    const nothing = unplayed.map((commit) =>
      changeText(commit, new RegExp(`^rounds/0/${hotkey}/submitted`), (text) =>
        text.replace(/"(js|views)": "[^"]*"/g, '"$1": null'),
      ),
    );
    const errors = async (commits: readonly SyntheticCommit[]) =>
      (await auditCommits(commits)).findings.filter(({ rule }) => rule === 'R1').map(({ detail }) => detail);
    expect(await errors(unplayed)).toEqual([`leader vs ${hotkey.slice(0, 10)} has no report`]);
    expect(await errors(nothing)).toEqual([]);
  });
});

interface Request {
  readonly hotkey: string;
  latest_defender: string;
}

describe('the first competition (splats)', () => {
  it('is derived again in the rounds that have a matrix: rows, reports, leaders and winners', async () => {
    const report = await auditCommits(asSplats(REFERENCE));
    expect(faultsOf(report)).toEqual([]);
    for (const count of checkedOf(report, DERIVED)) expect(count).toBeGreaterThan(0);
    expect(report.rules.R2f).toMatchObject({ checked: 0 });
    expect(report.rounds.slice(0, 2).map(({ agrees }) => agrees)).toEqual([true, true]);
    expect(notesOf(report).map((note) => note.replace(/ \(\d.*/, ''))).toEqual([
      'info config.json without generation_stage_minutes',
      'info state.json without next_stage_eta',
      'info submissions.json without cdn_url',
      'info generations.json and generated.json with ply files',
      'info lines of commit messages outside the grammar',
      'info match reports with ply files',
      'info matches_matrix.csv with margins of ±100',
      'info winner.json with a hotkey only',
    ]);
  });

  it('is followed duel by duel in the rounds that had no matrix, and held against leader.json', async () => {
    const report = await auditCommits(asChain(REFERENCE));
    expect(faultsOf(report)).toEqual([]);
    expect(report.rules.R2?.checked).toBe(12);
    const [first, second] = report.rounds;
    expect(first).toMatchObject({ agrees: true, why: '' });
    expect(first?.winner).toBe(first?.rederived);
    expect(second).toMatchObject({ agrees: true, why: '' });
    const story = explainRound(report, 0);
    expect(story).toMatch(/meets the leader: 0 points \(0\.00%\), and does not take the lead/);
    expect(story).toMatch(/meets the leader: \+24 points \(100\.00%\), and takes the lead/);
    expect(story).not.toContain('in order of reveal');
    expect(notesOf(report).join('\n')).toMatch(/info rounds\/N\/MINER\/duels\.json \(12 files, rounds 0 to 1;/);
  });

  it.each<[string, RegExp, (text: string) => string, string]>([
    [
      'a challenger that met somebody who did not lead',
      /^rounds\/0\/5\w+\/duels\.json$/,
      (text) => text.replace('"leader": "leader"', `"leader": "5${'A'.repeat(47)}"`),
      'the chain of duels breaks: ',
    ],
    [
      'a winner that does not lead afterwards',
      /^leader\.json$/,
      (text) => text.replaceAll(/"hotkey": "5[^"]*"/g, `"hotkey": "5${'A'.repeat(47)}"`),
      'leader.json has 5AAAAAAAAA, and a chain of duels gives ',
    ],
  ])('says when a chain does not hold: %s', async (_what, path, change, why) => {
    const commits = asChain(REFERENCE).map((commit) => changeText(commit, path, change));
    const report = await auditCommits(commits);
    const [round] = report.rounds;
    expect(round?.agrees).toBe(false);
    expect(report.ok).toBe(false);
    expect(round?.why).toContain(why);
  });

  it('leaves a chain open while a challenger has not met the current leader', async () => {
    const chain = asChain(REFERENCE);
    const at = chain.findLastIndex(({ message }) => message.startsWith('Match report'));
    const open = chain.slice(0, at + 1).map((commit, index) => (index === at ? withoutLast(commit, 3) : commit));
    const report = await auditCommits(open);
    expect(report.rounds[1]).toMatchObject({ winner: null, rederived: null, agrees: true });
    expect(report.rounds[1]?.why).toMatch(/^not over: 5\w{9} and 2 more have met nobody on record$/);
    expect(explainRound(report, 1)).toContain('It is not decided: ');
    expect(reportText(report)).toContain('Round 1: not over: ');
  });

  it('does not agree, once the duels are over, while a challenger that made files has no report (R11)', async () => {
    const chain = asChain(REFERENCE);
    const at = chain.findLastIndex(({ message }) => message.startsWith('Match report'));
    const report = await auditCommits(chain.map((commit, index) => (index === at ? withoutLast(commit, 1) : commit)));
    expect(faultsOf(report)).toEqual(['R11 error']);
    expect(report.rounds[1]).toMatchObject({ rederived: null, agrees: false });
    expect(report.rounds[1]?.why).toMatch(/^5\w{9} has met nobody on record$/);
    const made = [...chain.flatMap(({ files }) => [...files.keys()])];
    const [, hotkey = ''] = made.findLast((path) => path.endsWith('duels.json'))?.match(/^rounds\/1\/(5\w+)/) ?? [];
    const nothing = chain.map((commit, index) =>
      changeText(
        index === at ? withoutLast(commit, 1) : commit,
        new RegExp(`^rounds/1/${hotkey}/generations`),
        () => '{}',
      ),
    );
    expect((await auditCommits(nothing)).rounds[1]).toMatchObject({ agrees: true, why: '' });
  });

  it('finds duels of a chain that do not come to what their report says (R2)', async () => {
    const commits = asChain(REFERENCE).map((commit) =>
      changeText(commit, /^rounds\/0\/5\w+\/duels\.json$/, (text) =>
        text.replace('"leader_defends"', '"challenger_wins"').replace('"score": 1', '"score": 2'),
      ),
    );
    const details = (await auditCommits(commits)).findings.filter(({ rule }) => rule === 'R2').map((one) => one.detail);
    expect(details).toContain('the score is 2, the duels give 1');
    expect(details).toContain('the outcome is challenger_wins, the margin gives leader_defends');
  });

  it('has stages of its own, which are not held against ours', async () => {
    const staged = asSplats(REFERENCE).map((commit) =>
      changeText(commit, /^state\.json$/, (text) =>
        text.replace('"open"', '"collecting"').replace(/"(miner_generation|downloading)"/, '"generating"'),
      ),
    );
    const report = await auditCommits(staged);
    expect(report.findings.filter(({ rule }) => /^[TSF][12]/.test(rule))).toEqual([]);
    expect(notesOf(report).join('\n')).toContain('warn state.json with the stages collecting and generating');
  });
});

describe('an audit that ended because no pod could be started', () => {
  it('is a warning for all of them together: nothing on record shows it (R4)', async () => {
    const history = new EditableHistory(REFERENCE, 'reference');
    const edited = history.editJson(history.writing(/generation_audits/), /generation_audits/, (audits: Audits) => {
      for (const audit of Object.values(audits)) {
        Object.assign(audit, { outcome: 'rejected', checked_prompts: 0, failed_prompts: 0, failed_critical: 0 });
        Object.assign(audit, { generation_time: null, reason: 'Failed to deploy a docker image' });
      }
    });
    const { commits } = edited.until(history.writing(/generation_audits/) + 1);
    const { findings } = await auditCommits(withoutFiles(commits, /^rounds\/0\/5\w+\/generated/));
    const [finding, ...others] = findings.filter(({ rule }) => rule === 'R4');
    expect(finding).toMatchObject({ severity: 'warn' });
    expect(finding?.detail).toMatch(/^5\w{9} rejected because no pod could be started: nothing on record shows it$/);
    expect(others).toEqual([]);
  });
});

type Audits = Readonly<Record<string, object>>;

describe('what people tried out', () => {
  const person = (files: Readonly<Record<string, string | object | null>>) =>
    new EditableHistory(REFERENCE, 'reference').insert(1, 'person', ['a test'], files).commits;

  it('is named once for each kind, and nothing of it is an error', async () => {
    const report = await auditCommits(
      person({
        'rounds/7/5TestMiner000000000000000000000000000000000A/submitted.json': {},
        'rounds/7/5TestMiner000000000000000000000000000000000A/duels_generated.json': {},
        'rounds/7/fake/duels_leader.json': {},
        'rounds/7/5E7eSeRr2a/progress.json': {},
        'rounds/7/submissions.json': { '5E7eSeRr2a': { repo: 'a/b', commit: '1'.repeat(40) } },
        'rounds/7/prompts.tsv': 'https://prompts.synthetic.invalid/a.png\n',
        'generations.json': {},
      }),
    );
    expect(faultsOf(report)).toEqual([]);
    const notes = notesOf(report).join('\n');
    expect(notes).toContain('warn rounds/N/NAME/… where NAME is no hotkey (4 files, round 7; a test)');
    expect(notes).toContain('warn state files about miners whose names are no hotkeys (1 file, round 7; a test)');
    expect(notes).toContain('warn rounds/N/prompts.tsv (1 file, round 7; first competition (splats))');
    const round = report.rounds.find((one) => one.round === 7);
    expect(round).toMatchObject({ agrees: false, winner: null });
    expect(round?.why).toBe(
      'submissions.json is of another format (a test): state files about miners whose names are no hotkeys',
    );
    expect(reportText(report)).toContain('Round 7: cannot be derived: submissions.json is of another format');
  });

  it('is called unknown where no description exists; what is no data is not reported at all', async () => {
    const report = await auditCommits(
      person({
        'README.md': 'about',
        '.github/workflows/build.yml': 'on: push',
        'docker-bake.hcl': '',
        'schemas/config.schema.json': {},
        'rounds/0/notes.json': {},
        'rounds/1/notes.json': {},
        'Rounds/1/winner.json': {},
        'table.csv': 'a,b\n',
      }),
    );
    expect(notesOf(report)).toEqual([
      'warn rounds/… (3 files, rounds 0 to 1; unknown): no file of a known format: nothing was read of it',
      'warn data files outside any round (1 file; unknown): no file of a known format: nothing was read of it',
    ]);
    expect(report.ok).toBe(true);
    const ofRound = await auditCommits(person({ 'rounds/0/notes.json': {}, 'rounds/1/notes.json': {} }), {
      rounds: [1],
    });
    expect(notesOf(ofRound)).toEqual([
      'warn rounds/… (2 files, rounds 0 to 1; unknown): no file of a known format: nothing was read of it',
    ]);
  });

  it('does not excuse a file that goes back to a format that was left behind (F2)', async () => {
    const history = new EditableHistory(REFERENCE, 'reference');
    const draft = { name: 'synthetic-1', start_time: '2026-01-01T00:00:00Z', win_margin: 0.5 };
    const report = await auditCommits(history.append('person', ['config as it was'], { 'config.json': draft }).commits);
    expect(faultsOf(report)).toContain('F2 error');
    expect(report.ok).toBe(false);
  });
});

describe('a competition that starts over in the repository of another', () => {
  it('has its deletions told by round, and the verdicts of the rounds that were deleted', async () => {
    const history = new EditableHistory(REFERENCE, 'reference');
    const paths = new Set(history.commits.flatMap(({ files }) => [...files.keys()]));
    const gone = Object.fromEntries(
      [...paths].filter((path) => path.startsWith('rounds/')).map((path) => [path, null]),
    );
    const report = await auditCommits(history.append('person', ['a new competition'], gone).commits);
    const deletions = report.findings.filter(({ rule }) => rule === 'A0');
    expect(deletions.map(({ round, detail }) => `${round} ${detail.slice(0, 30)}`)).toEqual([
      expect.stringMatching(/^0 \d+ files of the round deleted/),
      expect.stringMatching(/^1 \d+ files of the round deleted/),
      '2 deleted: The blocks of a round',
    ]);
    expect(report.rounds.map(({ round, agrees, deletedIn }) => ({ round, agrees, deletedIn }))).toEqual([
      { round: 0, agrees: true, deletedIn: report.tip },
      { round: 1, agrees: true, deletedIn: report.tip },
    ]);
    expect(reportText(report)).toContain(`Round 0, deleted in ${report.tip.slice(0, 12)}: won by`);
  });
});

describe('a report for people', () => {
  it('tells the first 25 findings of a rule in a round, and all of them to who asks for that rule', async () => {
    const history = new EditableHistory(REFERENCE, 'reference');
    const files = Object.fromEntries(
      Array.from({ length: 40 }, (_, at) => [
        `rounds/0/5${`${at + 111}`.replaceAll('0', 'x').repeat(24).slice(0, 47)}/submitted.json`,
        '{',
      ]),
    );
    const { commits } = history.append('person', ['broken files'], files);
    const told = (text: string) => text.split('\n').filter((line) => line.includes('error F1')).length;
    const all = reportText(await auditCommits(commits));
    expect(told(all)).toBe(25);
    expect(all).toMatch(/… and 15 more of F1 plain-files \(--rule F1 lists all\)/);
    expect(told(reportText(await auditCommits(commits, { rules: ['F1'] })))).toBe(40);
  });
});

/** A commit of a chain of duels without its last reports, and the lines that announce them. */
function withoutLast(commit: SyntheticCommit, count: number): SyntheticCommit {
  const reports = [...commit.files.keys()].filter((path) => path.endsWith('/duels.json'));
  const left = new Set(reports.slice(-count));
  const lines = commit.message
    .split('\n')
    .filter((line) => ![...left].some((path) => line.includes(` vs ${path.split('/')[2]?.slice(0, 10)}`)));
  return {
    ...commit,
    message: lines.join('\n'),
    files: new Map([...commit.files].filter(([path]) => !left.has(path))),
  };
}
