import { areBuildsSettled, type BuildLook, type BuildRetry, standingBuilds, trackBuilds } from '@tiltyard/rules';
import { type Builds, type Hotkey, stateFiles } from '@tiltyard/schema';
import type { Logger, Notices, RoundView } from '@tiltyard/service-kit';
import type { BuildWorkflow } from './build-workflow.js';

export interface BuildTrackerOptions {
  readonly workflow: BuildWorkflow;
  readonly imageFormat: string;
  readonly lookMs: number;
  readonly secondLookMs: number;
  readonly log: Logger;
  readonly notices: Notices;
  readonly signal: AbortSignal;
}

/** Follows the builds of a round. It remembers only when it looked at what; statuses are derived. */
export interface BuildTracker {
  /** builds.json as it should be now; undefined when there is nothing to write. */
  track(view: RoundView): Promise<Builds | undefined>;
}

interface Watch {
  readonly round: number;
  /** This process's monotonic time at which the submissions were announced. */
  readonly announcedAtMs: number;
  readonly looks: BuildLook[];
  lastLookMs: number;
}

/** Looks that are kept: far more than it takes to agree that a job is missing. */
const MAX_LOOKS = 200;

/** Opens a tracker. Its track() throws LedgerError, and RulesError for an image format that names nothing. */
export function openBuildTracker(options: BuildTrackerOptions): BuildTracker {
  const { workflow, imageFormat, lookMs, secondLookMs, log, notices, signal } = options;
  let watch: Watch | undefined;

  return {
    async track(view) {
      const { round, snapshot, amended } = view;
      const submissions = await snapshot.read(stateFiles.submissions, { round });
      if (submissions === undefined) return undefined;
      const builds = (await snapshot.read(stateFiles.builds, { round })) ?? {};
      if (areBuildsSettled(submissions, standingBuilds(builds, amended))) return undefined;

      if (watch?.round !== round) watch = await beginWatch(view);
      const now = performance.now();
      if (now - watch.lastLookMs < lookMs) return undefined;
      watch.lastLookMs = now;
      const nowMs = now - watch.announcedAtMs;
      try {
        const look = await workflow.look(round, submissions, signal);
        if (look !== undefined) watch.looks.push({ atMs: nowMs, ...look });
      } catch (error) {
        // Not to be able to look says nothing about a build, and the time that it lasts is not the miner's.
        log.error({ error, round }, 'the builds cannot be looked at now');
        const title = 'Builds cannot be looked at';
        notices.send({ key: 'builds', severity: 'alarm', title, detail: `Round ${round}: ${String(error)}` });
        return undefined;
      }
      if (watch.looks.length > MAX_LOOKS) watch.looks.shift();
      const retries = await retriesOf(view, watch);
      const next = trackBuilds({ submissions, builds, looks: watch.looks, retries, nowMs, imageFormat, secondLookMs });
      return JSON.stringify(next) === JSON.stringify(builds) ? undefined : next;
    },
  };
}

/** Time runs on this process's monotonic clock from here on; what came before is read off the announcing commit. */
async function beginWatch({ round, snapshot }: RoundView): Promise<Watch> {
  const announced = await snapshot.changedAt(stateFiles.submissions, { round });
  const elapsedMs = announced === undefined ? 0 : Math.max(0, Date.now() - announced.at.getTime());
  return { round, announcedAtMs: performance.now() - elapsedMs, looks: [], lastLookMs: Number.NEGATIVE_INFINITY };
}

async function retriesOf(
  { round, snapshot, amended }: RoundView,
  watch: Watch,
): Promise<ReadonlyMap<Hotkey, BuildRetry>> {
  const amendments = (await snapshot.read(stateFiles.amendments, { round })) ?? [];
  const announced = await snapshot.changedAt(stateFiles.submissions, { round });
  return new Map(
    [...amended.retriedBuilds].map(([hotkey, id]) => {
      const at = amendments.find((amendment) => amendment.id === id)?.at;
      const atMs = at === undefined || announced === undefined ? 0 : Date.parse(at) - announced.at.getTime();
      return [hotkey, { amendment: id, atMs: Math.min(atMs, performance.now() - watch.announcedAtMs) }];
    }),
  );
}
