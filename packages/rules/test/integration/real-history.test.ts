import { type Hotkey, LEADER, type Side, shortName } from '@tiltyard/schema';
import {
  AuditRequests,
  Builds,
  Config,
  type GenerationAudit,
  GenerationAudits,
  Generations,
  LeaderHistory,
  MatchReport,
  Schedule,
  Seed,
  SourceAudits,
  Submissions,
  stateFiles,
  stemOf,
  Winner,
} from '@tiltyard/schema/gen3d';
import { beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { sharedData } from '../../../../test-support/shared-data.js';
import {
  auditVerdict,
  buildTag,
  criticalPrompts,
  decayed,
  deriveTimeline,
  drawCarryover,
  expectedBlockAt,
  forcedOutcomes,
  imageFormatOf,
  isForcedText,
  leaderTransition,
  marginRange,
  nextRoundStart,
  projectAmendments,
  revealOrder,
  scheduleAt,
  scoreOf,
  type Timeline,
  thresholdsOf,
  timelineInput,
  winnerOf,
} from '../../src/gen3d/index.js';
import { Twister } from '../../src/index.js';
import { type ReplayedCommit, replayBundle } from '../support/replayed-history.js';

const bundle = sharedData('history/competition-1-rounds-0-1.bundle');

/** What people did in this history that no rule explains. Everything else is re-derived exactly. */
const BY_HAND = {
  /** Written by an operator who stopped the audit: another hotkey's name in it, and figures of an unfinished run. */
  audit: '5FP3qpaSyR',
};

describe.skipIf(!bundle)('a real competition, re-derived (needs TILTYARD_SHARED)', () => {
  let commits: readonly ReplayedCommit[] = [];
  beforeAll(() => {
    commits = replayBundle(bundle ?? '');
  });

  const last = () => commits.at(-1) as ReplayedCommit;
  /** Files are read again and again, at many commits where they did not change. */
  const parsed = new Map<string, unknown>();
  const json = <T>(commit: ReplayedCommit, file: string, schema: z.ZodType<T>): T => {
    const text = commit.read(file);
    if (text === undefined) throw new Error(`${file} is not in ${commit.id}`);
    const value = parsed.get(text) ?? schema.parse(JSON.parse(text));
    parsed.set(text, value);
    return value as T;
  };
  const config = () => json(last(), 'config.json', Config);
  const prompts = (commit: ReplayedCommit, round: number) =>
    stateFiles.prompts.codec.parse(commit.read(`rounds/${round}/prompts.txt`) ?? '', 'prompts.txt');
  const filesOf = (commit: ReplayedCommit, round: number, side: Side) => {
    const file = `rounds/${round}/${side}/${side === LEADER ? 'generated' : 'submitted'}.json`;
    return commit.read(file) === undefined ? {} : json(commit, file, Generations);
  };
  /** Each report at each commit that wrote it, judged-again ones included. */
  const reports = () =>
    commits.flatMap((commit) =>
      commit.changed.flatMap((file) => {
        const round = /^rounds\/(\d+)\/[^/]+\/duels_[^/]+\.json$/.exec(file)?.[1];
        return round === undefined
          ? []
          : [{ commit, file, round: Number(round), report: json(commit, file, MatchReport) }];
      }),
    );
  const timelineOf = (commit: ReplayedCommit, round: number): Timeline => {
    const at = (file: string) => `rounds/${round}/${file}`;
    const sourceAudits = at('source_audit.json');
    const rules = thresholdsOf(config());
    const matrix = commit.read(at('matches_matrix.csv')) ?? '';
    const record = {
      submissions: json(commit, at('submissions.json'), Submissions),
      matrix: stateFiles.matchMatrix.codec.parse(matrix, 'matches_matrix.csv'),
      audits: json(commit, at('generation_audits.json'), GenerationAudits),
      sourceAudits: commit.read(sourceAudits) === undefined ? [] : json(commit, sourceAudits, SourceAudits),
      reportAmendment: () => undefined,
      leaderBaselineComplete: true,
    };
    return deriveTimeline(timelineInput({ rules, amended: projectAmendments([]) }, record));
  };

  it('holds 286 commits and 157 match reports', () => {
    expect(commits).toHaveLength(286);
    expect(reports()).toHaveLength(157);
  });

  it('has the thresholds of its config and of the running competition', () => {
    expect(thresholdsOf(config())).toMatchObject({
      tournament: { win_margin: 0.05, max_mismatched_margin: 0.05 },
      verification: { max_mismatched_prompts: 6, max_mismatched_critical_prompts: 1 },
    });
  });

  it('carried over the 32 prompts of round 1 that the twister draws from round 0', () => {
    const { seed } = json(last(), 'rounds/1/seed.json', Seed);
    const previous = prompts(last(), 0);
    const carried = drawCarryover(new Twister(seed), { round: 1, previous, carryoverPrompts: 32 });
    expect(prompts(last(), 1).slice(0, 32)).toEqual(carried);
    expect(prompts(last(), 1)).toHaveLength(128);
  });

  it('has the score and margin of every report follow from its duels', () => {
    for (const { report, file } of reports()) {
      expect(scoreOf(report.duels), file).toEqual({ score: report.score, margin: report.margin });
    }
  });

  describe('forced outcomes', () => {
    /** Reports where some duel is forced that should not be, or the other way round, or otherwise than it should. */
    const misfits = (overtimeToleranceRatio: number) =>
      reports().filter(({ commit, round, report }) => {
        const forced = forcedOutcomes({
          prompts: prompts(commit, round).map(stemOf),
          left: new Map(Object.entries(filesOf(commit, round, report.left))) as never,
          right: new Map(Object.entries(filesOf(commit, round, report.right))) as never,
          hardLimitSeconds: 180,
          overtimeToleranceRatio,
        });
        return report.duels.some(({ name, winner, issues }) => {
          const outcome = forced.get(name);
          if (outcome === undefined) return isForcedText(name, issues);
          return outcome.winner !== winner || outcome.issues !== issues;
        });
      });

    it('fit all 157 reports with an allowance of 0.05, and as well with 0.1: nobody used up either', () => {
      expect(misfits(0.05)).toEqual([]);
      expect(misfits(0.1)).toEqual([]);
    });

    it('would not fit without an allowance: 46 reports have a side over the hard limit that lost nothing by it', () => {
      expect(misfits(0)).toHaveLength(46);
    });
  });

  it('has matches that a failing judge left in doubt, one of which may stand on the wrong side of the win margin', () => {
    const inDoubt = reports().flatMap(({ report, commit }) => {
      const isInDoubt = (duel: { readonly issues: string }) => duel.issues.startsWith('Internal error');
      const count = report.duels.filter(isInDoubt).length;
      if (count === 0) return [];
      const { lower, upper } = marginRange(report.duels, isInDoubt);
      return [{ commit: commit.id.slice(0, 7), report, count, mayTurn: lower < 0.05 && upper >= 0.05 }];
    });
    expect(inDoubt.reduce((sum, { count }) => sum + count, 0)).toBe(21);
    // A match between two that lost or were rejected anyway: it decided nothing.
    const turning = inDoubt.filter(({ mayTurn }) => mayTurn);
    expect(
      turning.map(({ report, count }) => [shortName(report.left), shortName(report.right), report.score, count]),
    ).toEqual([['5FLiyT19Vc', '5E5A9q65xz', 10, 15]]);
  });

  it('requested every audit with the critical prompts of a match in the same commit', () => {
    const found = commits.flatMap((commit) =>
      commit.changed
        .filter((file) => file.endsWith('/require_audit.json'))
        .flatMap((file) => {
          const round = Number(file.split('/')[1]);
          const before = commits[commits.indexOf(commit) - 1]?.read(file);
          const known = before === undefined ? [] : AuditRequests.parse(JSON.parse(before)).map((r) => r.hotkey);
          const rules = { winMargin: 0.05, maxMismatchedMargin: 0.05 };
          const { seed } = json(commit, `rounds/${round}/seed.json`, Seed);
          return json(commit, file, AuditRequests)
            .filter((request) => !known.includes(request.hotkey))
            .map((request) => {
              const lefts: Side[] = [
                LEADER,
                ...revealOrder(json(commit, `rounds/${round}/submissions.json`, Submissions)),
              ];
              const matches = lefts.flatMap((left) => {
                const report = `rounds/${round}/${request.hotkey}/duels_${shortName(left)}.json`;
                return commit.read(report) === undefined ? [] : [json(commit, report, MatchReport)];
              });
              const fits = matches.filter(
                (report) =>
                  report.margin >= 0.05 &&
                  criticalPrompts(report, { seed, ...rules }).join() === request.critical_prompts.join(),
              );
              return [round, shortName(request.hotkey), fits.map((report) => shortName(report.left)).join()];
            });
        }),
    );
    expect(found).toEqual([
      [0, '5DScQA9A1u', 'leader'],
      [0, '5GgpGaDxzT', '5DScQA9A1u'],
      [0, '5FLiyT19Vc', 'leader'],
      [0, '5FWtavKyXw', 'leader'],
      [0, '5FcDQ6Eh3d', 'leader'],
      [0, '5FP3qpaSyR', 'leader'],
      [1, '5GgVxYJS3R', 'leader'],
    ]);
  });

  it('gave every audit the verdict that follows from its files, but for one that a person wrote', () => {
    const different: string[] = [];
    const settled = commits.flatMap((commit) =>
      commit.changed
        .filter((file) => file.endsWith('/generation_audits.json'))
        .flatMap((file) => {
          const before = commits[commits.indexOf(commit) - 1]?.read(file) ?? '{}';
          const known: Record<string, unknown> = JSON.parse(before);
          const audits = Object.entries(json(commit, file, GenerationAudits)) as [Hotkey, GenerationAudit][];
          return audits
            .filter(([hotkey, audit]) => known[hotkey] === undefined && audit.outcome !== 'pending')
            .map(([hotkey, audit]) => ({ commit, round: Number(file.split('/')[1]), hotkey, audit }));
        }),
    );
    for (const { commit, round, hotkey, audit } of settled) {
      const at = (file: string) => `rounds/${round}/${file}`;
      const verdict = auditVerdict({
        hotkey,
        criticalPrompts:
          json(commit, at('require_audit.json'), AuditRequests).find((r) => r.hotkey === hotkey)?.critical_prompts ??
          [],
        submitted: json(commit, at(`${hotkey}/submitted.json`), Generations),
        generated: json(commit, at(`${hotkey}/generated.json`), Generations),
        build: json(commit, at('builds.json'), Builds)[hotkey],
        runComplete: true,
        rules: thresholdsOf(config()),
      });
      if (JSON.stringify(verdict) !== JSON.stringify(audit)) different.push(shortName(hotkey));
    }
    expect(settled).toHaveLength(7);
    expect(different).toEqual([BY_HAND.audit]);
  });

  it('was won in both rounds by whom the timeline says, with the code and image that winner.json names', () => {
    for (const round of [0, 1]) {
      const commit = commits.findLast((c) => c.changed.includes(`rounds/${round}/winner.json`)) as ReplayedCommit;
      const written = json(commit, `rounds/${round}/winner.json`, Winner);
      const timeline = timelineOf(commit, round);
      expect(timeline.next).toEqual({ kind: 'decided', winner: written.winner_hotkey });
      const leaders = json(commit, 'leader.json', LeaderHistory);
      const builds = json(commit, `rounds/${round}/builds.json`, Builds);
      expect(winnerOf(timeline.current, { leaders, builds })).toEqual(written);
    }
  });

  it('had in round 0 one local leader left after six rejections, who beat all that revealed later', () => {
    const { entries } = timelineOf(last(), 0);
    expect(entries.filter((entry) => entry.status === 'won').map((entry) => shortName(entry.hotkey))).toEqual([
      '5GgpGaDxzT',
    ]);
    expect(entries.filter((entry) => entry.qualification === 'qualified')).toHaveLength(7);
  });

  it('would have stayed open in round 0 without the person who rejected the last hotkey before the winner', () => {
    const commit = commits.findLast((c) => c.subject.startsWith('Update build statuses for round 0')) as ReplayedCommit;
    const timeline = timelineOf(commit, 0);
    expect(timeline.next.kind).not.toBe('decided');
    expect(timeline.entries.find((entry) => shortName(entry.hotkey) === BY_HAND.audit)?.status).toBe('won');
  });

  it('scheduled its rounds by the same arithmetic', () => {
    const read = (round: number) => json(last(), `rounds/${round}/schedule.json`, Schedule);
    for (const round of [1, 2]) {
      expect(scheduleAt(config(), read(round - 1), read(round).latest_reveal_block)).toEqual(read(round));
    }

    // The block of that moment is not on record: any block whose arithmetic gives the written one must give the written date.
    for (const [round, start] of [
      [1, '2026-02-05T08:00:00.000Z'],
      [2, '2026-02-08T08:00:00.000Z'],
    ] as const) {
      const commit = commits.find(
        (c) => c.subject.startsWith('Update state (open), schedule') && c.subject.endsWith(`${round}`),
      );
      const time = (commit as ReplayedCommit).time;
      const { latest_reveal_block } = read(round);
      const block = latest_reveal_block - Math.trunc((Date.parse(start) - time.getTime()) / 12_000);
      expect(nextRoundStart(config(), read(round - 1), { block, time }).toISOString()).toBe(start);
      expect(expectedBlockAt(new Date(start), { block, time })).toBe(latest_reveal_block);
    }
  });

  it('appended the leader entries that follow from its winners', () => {
    const leaders = json(last(), 'leader.json', LeaderHistory);
    const weights = { weightDecay: config().weight_decay, weightFloor: config().weight_floor };
    for (const round of [0, 1]) {
      const winner = json(last(), `rounds/${round}/winner.json`, Winner);
      const { latest_reveal_block } = json(last(), `rounds/${round + 1}/schedule.json`, Schedule);
      expect(leaderTransition(leaders.slice(0, round + 1), winner, weights, latest_reveal_block)).toEqual(
        leaders[round + 1],
      );
    }
    expect(decayed(1, weights)).toBe(0.8);
  });

  it('tagged its builds by commit and round, and gave an image to successful ones only', () => {
    for (const round of [0, 1]) {
      const submissions = json(last(), `rounds/${round}/submissions.json`, Submissions);
      const builds = json(last(), `rounds/${round}/builds.json`, Builds);
      const formats = new Set<string | undefined>();
      for (const [hotkey, build] of Object.entries(builds)) {
        const submission = submissions[hotkey as Hotkey];
        expect(submission && buildTag(submission)).toBe(build.tag);
        expect(build.docker_image !== null).toBe(build.status === 'success');
        if (build.docker_image !== null) formats.add(imageFormatOf(build.docker_image, hotkey as Hotkey, build.tag));
      }
      expect([...formats]).toEqual(['europe-west3-docker.pkg.dev/gen-456515/active-competition/{hotkey10}:{tag}']);
    }
  });
});
