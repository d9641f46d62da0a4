import type { SyntheticCommit } from '@tiltyard/audit-testing';
import { BUILD_FAILED_REASON } from '@tiltyard/rules/gen3d';
import { type Generations, type MatchReport, type Stem, stemOf } from '@tiltyard/schema/gen3d';
import { describe, expect, it } from 'vitest';
import type { RuleId } from '../../../src/gen3d/index.js';
import { asSplats } from '../../support/eras.js';
import { auditCommits, EditableHistory, smallHistory } from '../../support/history.js';

const reference = () => new EditableHistory(smallHistory('reference'), 'reference');

/** What one rule tells of a history, as `severity detail`. */
async function told(commits: readonly SyntheticCommit[], rule: RuleId): Promise<readonly string[]> {
  const { findings } = await auditCommits(commits);
  return findings.filter((one) => one.rule === rule).map(({ severity, detail }) => `${severity} ${detail}`);
}

describe('a build that was not found', () => {
  const rejected = { outcome: 'rejected', checked_prompts: 0, failed_prompts: 0, failed_critical: 0 };
  const verdict = { ...rejected, generation_time: null, reason: BUILD_FAILED_REASON };

  it.each([
    ['not_found', []],
    ['in_progress', [expect.stringMatching(/^error 5\w{9}: outcome is "rejected", not "pending"/)]],
  ])('is a failed one where the reference rejects its miner (R4): %s', async (status, expected) => {
    const at = reference().writing(/^rounds\/0\/generation_audits/);
    const { text } = reference().read(/^rounds\/0\/generation_audits/, at);
    const [hotkey = ''] = Object.keys(JSON.parse(text) as object);
    const edited = reference()
      .until(at + 1)
      .editJsonFrom(0, /^rounds\/0\/builds/, (builds: Record<string, object>) => {
        Object.assign(builds[hotkey] ?? {}, { status, docker_image: null });
      })
      .editJson(at, /generation_audits/, (audits: Record<string, object>) => {
        audits[hotkey] = { hotkey, ...verdict };
      });
    expect(await told(edited.commits, 'R4')).toEqual(expected);
  });
});

describe('a distance', () => {
  it.each([
    ['lowered', -0.01, 'error'],
    ['raised', 0.01, 'info'],
  ])('that is %s without another attempt is told (A8)', async (_how, change, severity) => {
    const at = reference().writing(/^rounds\/0\/generation_audits/);
    const { path, text } = reference().read(/^rounds\/0\/5\w+\/generated/, at);
    const results = JSON.parse(text) as Record<string, { distance: number; glb: string | null }>;
    const [stem = '', result] = Object.entries(results).find(([, { distance }]) => distance > 0.02) ?? [];
    const measured = { ...results, [stem]: { ...result, distance: (result?.distance ?? 0) + change } };
    const line = `Update generated for round 0, miner ${path.split('/')[2]?.slice(0, 10)}`;
    const edited = reference().insert(at, 'generation-orchestrator', [line], { [path]: measured });
    expect(await told(edited.commits, 'A8')).toEqual([
      expect.stringMatching(new RegExp(`^${severity} .*distance .* without another attempt$`)),
    ]);
  });
});

describe('the overtime allowance that the reports of a round fit', () => {
  const LATE = 'Generation time exceeded for left';
  const BOTH_LATE = 'Generation time exceeded for both';

  /** Makes the leader late on two prompts, the second of which some matches against it are lost by. */
  function late(history: EditableHistory, round: number, isLost: (place: number) => boolean): EditableHistory {
    const prompts = history
      .read(new RegExp(`^rounds/${round}/prompts`))
      .text.trim()
      .split('\n')
      .map((line) => stemOf(line));
    const reports = new RegExp(`^rounds/${round}/5\\w+/duels_leader`);
    const seen = history.commits.flatMap(({ files }) =>
      [...files].flatMap(([path, text]) =>
        reports.test(path) && text !== null ? [JSON.parse(text) as MatchReport] : [],
      ),
    );
    const isJudged = (stem: Stem) =>
      seen.every(({ duels }) => !/^No preview|^Generation time/.test(duelOf(duels, stem)?.issues ?? ''));
    const [first, second] = [prompts[0], prompts.slice(1).find(isJudged)] as [Stem, Stem];
    const slow = history.editJsonFrom(0, new RegExp(`^rounds/${round}/leader/generated`), (files: Results) => {
      for (const [stem, file] of Object.entries(files)) {
        file.generation_time = stem === first || stem === second ? 200 : Math.min(file.generation_time, 100);
      }
    });
    let place = -1;
    return slow.editJsonFrom(0, reports, ({ duels }: MatchReport) => {
      place += 1;
      for (const duel of duels) {
        if (duel.issues === LATE) Object.assign(duel, { issues: 'as judged' });
        if (duel.issues === BOTH_LATE) Object.assign(duel, { winner: 'left', issues: LATE.replace('left', 'right') });
      }
      if (isLost(place)) Object.assign(duelOf(duels, second) ?? {}, { winner: 'right', issues: LATE });
    });
  }

  it('is reported as a note where all fit one', async () => {
    expect(await told(reference().commits, 'R2f')).toEqual([
      'info of 7 reports, 7 fit an overtime allowance of 0.05 and 6 one of 0.1',
      'info of 8 reports, 8 fit an overtime allowance of 0.05 and 8 one of 0.1',
    ]);
  });

  it('is a warning where some fit the one and some the other: none was in force (R2f)', async () => {
    expect(await told(late(reference(), 1, (place) => place < 2).commits, 'R2f')).toEqual([
      expect.stringMatching(/^info of 7 reports, 7 fit/),
      'warn of 8 reports, 4 fit an overtime allowance of 0.05 and 6 one of 0.1: no one allowance was in force',
    ]);
  });

  it('is a warning where a round fits another one only than those before it (R2f)', async () => {
    expect((await told(late(reference(), 1, () => false).commits, 'R2f')).at(-1)).toBe(
      'warn of 8 reports, 2 fit an overtime allowance of 0.05 and 8 one of 0.1: up to round 0 it was 0.05',
    );
  });

  it('is an error where a report fits neither, and then the others tell the allowance', async () => {
    const { commits } = reference().editJson(
      reference().writing(/^rounds\/0\/5\w+\/duels_leader/),
      /duels_leader/,
      ({ duels }: MatchReport) => {
        const judged = duels.find(({ issues }) => !/^No preview/.test(issues));
        Object.assign(judged ?? {}, { issues: LATE });
      },
    );
    expect(await told(commits, 'R2f')).toEqual([
      expect.stringMatching(/^error /),
      expect.stringMatching(/^info of 7 reports, 6 fit/),
      expect.stringMatching(/^info of 8 reports, 8 fit/),
    ]);
  });
});

type Results = Record<Stem, { -readonly [Field in keyof Generations[Stem]]: Generations[Stem][Field] }>;

function duelOf(duels: MatchReport['duels'], stem: Stem): MatchReport['duels'][number] | undefined {
  return duels.find(({ name }) => name === stem);
}

describe("the first competition's rounds", () => {
  const state = (current_round: number, stage: string) => ({ 'state.json': { current_round, stage } });
  const splats = () => new EditableHistory(asSplats(smallHistory('reference')), 'reference');

  it.each<[string, readonly [number, string], readonly [number, string], readonly string[]]>([
    ['fall to an earlier one', [2, 'collecting'], [0, 'collecting'], ['T2 error round 2 → 0']],
    ['fall to before the first', [2, 'open'], [-1, 'finalizing'], ['T2 error round 2 → -1']],
    ['are passed over', [2, 'generating'], [4, 'collecting'], ['T3 error round 2 → 4 with generating → collecting']],
    ['rise in mid-round', [2, 'collecting'], [3, 'generating'], ['T3 error round 2 → 3 with collecting → generating']],
    ['rise by one', [2, 'generating'], [3, 'collecting'], []],
    ['begin', [-1, 'finalizing'], [0, 'collecting'], []],
    ['are held', [-1, 'finalizing'], [-1, 'paused'], []],
  ])('are told where they %s (T2, T3)', async (_what, from, to, expected) => {
    const edited = splats()
      .append('person', ['from'], state(...from))
      .append('person', ['to'], state(...to));
    const { findings } = await auditCommits(edited.commits);
    const stages = findings.filter(({ rule, detail }) => /^T[123]/.test(rule) && detail.startsWith('round'));
    const between = stages.filter(({ commit }) => commit === findings.at(-1)?.commit);
    expect(between.map(({ rule, severity, detail }) => `${rule} ${severity} ${detail}`)).toEqual(expected);
  });

  it('may be held with the next one on record, in the commit that would open it (T1, T3)', async () => {
    const history = reference();
    const at = history.writing(/^rounds\/1\/schedule/);
    const held = history
      .editJson(at, /^state/, (value: object) => Object.assign(value, { stage: 'paused' }))
      .message(at, (text) => text.replace('(open)', '(paused)'))
      .until(at + 1);
    const { findings } = await auditCommits(held.commits);
    expect(findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
  });
});
