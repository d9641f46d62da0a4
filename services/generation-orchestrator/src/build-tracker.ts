import type { ChangeRecord } from '@tiltyard/ledger';
import { areBuildsSettled, type BuildLook, type BuildRetry, standingBuilds, trackBuilds } from '@tiltyard/rules/gen3d';
import { type Hotkey, sameValue } from '@tiltyard/schema';
import { type Builds, isSettledBuild, stateFiles } from '@tiltyard/schema/gen3d';
import { type Logger, type Notices, retryText, type Stuck } from '@tiltyard/service-kit';
import type { RoundView } from '@tiltyard/service-kit/gen3d';
import type { BuildWorkflow } from './build-workflow.js';

export interface BuildTrackerOptions {
  readonly workflow: BuildWorkflow;
  readonly imageFormat: string;
  readonly lookMs: number;
  readonly secondLookMs: number;
  /** News of builds that are under way wait so long for others; what is settled does not wait. */
  readonly publishIntervalMs: number;
  readonly log: Logger;
  readonly notices: Notices;
  readonly signal: AbortSignal;
}

/** Follows the builds of a round. It remembers only when it looked at what; statuses are derived. */
export interface BuildTracker {
  /** builds.json as it should be now; undefined when there is nothing to write. */
  track(view: RoundView, signal?: AbortSignal): Promise<Builds | undefined>;
  /** Why builds cannot be looked at; nothing while they can, or need not be. */
  stuck(): readonly Stuck[];
}

interface Watch {
  readonly round: number;
  /**
   * This process's monotonic time at which this service began to watch the builds, in this process or an earlier one; later
   * by all the time for which they could not be looked at.
   */
  beganAtMs: number;
  /** The same moment by the machine's clock, for times that come from outside. */
  beganAt: Date;
  readonly looks: BuildLook[];
  /** When each order to build again was heard of, in milliseconds of the watch, by the amendment's id. */
  readonly heard: Map<number, number>;
  lastLookMs: number;
  lastNewsMs: number;
  readonly openedAtMs: number;
}

/** Builds that are named in one notice. */
const MAX_TROUBLES = 5;

/** Looks that are kept: far more than it takes to agree that a job is missing. */
const MAX_LOOKS = 200;

/** Opens a tracker. Its track() throws LedgerError, and RulesError for an image format that names nothing. */
export function openBuildTracker(options: BuildTrackerOptions): BuildTracker {
  const { workflow, imageFormat, lookMs, secondLookMs, publishIntervalMs, signal } = options;
  const trouble = lookTrouble(options);
  let watch: Watch | undefined;
  return {
    stuck: trouble.stuck,
    async track(view, tickSignal = signal) {
      const { round, snapshot, amended } = view;
      const submissions = await snapshot.read(stateFiles.submissions, { round });
      if (submissions === undefined) return undefined;
      const builds = (await snapshot.read(stateFiles.builds, { round })) ?? {};
      if (areBuildsSettled(submissions, standingBuilds(builds, amended))) {
        trouble.over();
        return undefined;
      }

      if (watch?.round !== round) watch = await beginWatch(view);
      const now = performance.now();
      if (now - watch.lastLookMs < lookMs) return undefined;
      const sinceLastMs = now - Math.max(watch.lastLookMs, watch.openedAtMs);
      watch.lastLookMs = now;
      const nowMs = now - watch.beganAtMs;
      try {
        const look = await workflow.look(round, submissions, tickSignal);
        trouble.over();
        if (look !== undefined) {
          const { runComplete, jobs, troubles = [] } = look;
          watch.looks.push({ atMs: nowMs, runComplete, jobs });
          if (troubles.length > 0) trouble.report(round, troubles.slice(0, MAX_TROUBLES).join('; '));
        }
      } catch (error) {
        // An interrupted look says nothing at all.
        tickSignal.throwIfAborted();
        // Not to be able to look says nothing about a build, and the time that it lasts is not the miner's.
        watch.beganAtMs += sinceLastMs;
        watch.beganAt = new Date(watch.beganAt.getTime() + sinceLastMs);
        trouble.report(round, error);
        return undefined;
      }
      if (watch.looks.length > MAX_LOOKS) watch.looks.shift();
      const retries = await retriesOf(view, builds, watch, nowMs);
      const next = trackBuilds({ submissions, builds, looks: watch.looks, retries, nowMs, imageFormat, secondLookMs });
      if (JSON.stringify(next) === JSON.stringify(builds)) return undefined;
      if (!hasSettledNews(builds, next) && now - watch.lastNewsMs < publishIntervalMs) return undefined;
      watch.lastNewsMs = now;
      return next;
    },
  };
}

/** Why builds cannot be looked at, for operators and for the readiness page. */
function lookTrouble({ lookMs, log, notices }: Pick<BuildTrackerOptions, 'lookMs' | 'log' | 'notices'>) {
  let trouble: { readonly reason: string; readonly atMs: number } | undefined;
  return {
    report(round: number, error: unknown): void {
      log.error({ error, round }, 'builds cannot be looked at now');
      trouble = { reason: `builds cannot be looked at: ${String(error)}`, atMs: performance.now() };
      notices.send({
        key: 'builds',
        severity: 'alarm',
        title: 'Builds cannot be looked at',
        detail: `Round ${round}: ${String(error)}. They stay open, and are looked at again ${retryText(lookMs)}.`,
      });
    },
    over(): void {
      trouble = undefined;
    },
    stuck(): readonly Stuck[] {
      if (trouble === undefined) return [];
      const retryInMs = Math.max(0, trouble.atMs + lookMs - performance.now());
      return [{ kind: 'builds', reason: trouble.reason, retryInMs }];
    },
  };
}

/** Whether a build is settled that was not. */
function hasSettledNews(before: Builds, after: Builds): boolean {
  return (Object.entries(after) as [Hotkey, Builds[Hotkey]][]).some(
    ([hotkey, build]) => isSettledBuild(build.status) && !sameValue(before[hotkey], build),
  );
}

/**
 * Time runs on this process's monotonic clock from here on. What came before is read off the first builds.json, which this
 * service wrote: a miner's time to build does not depend on the clock of the service that announced the submissions. It begins
 * with the first look, when there is no builds.json yet.
 */
async function beginWatch({ round, snapshot }: RoundView): Promise<Watch> {
  const elapsedMs = elapsedSince(await snapshot.firstChangedAt(stateFiles.builds, { round }));
  const now = performance.now();
  return {
    round,
    openedAtMs: now,
    beganAtMs: now - elapsedMs,
    beganAt: new Date(Date.now() - elapsedMs),
    looks: [],
    heard: new Map(),
    lastLookMs: Number.NEGATIVE_INFINITY,
    lastNewsMs: Number.NEGATIVE_INFINITY,
  };
}

/** Milliseconds since a commit of this service's. */
function elapsedSince(change: ChangeRecord | undefined): number {
  return change === undefined ? 0 : Math.max(0, Date.now() - change.at.getTime());
}

/**
 * The orders to build again that stand. One whose build was not begun yet is heard of now; one that an earlier process
 * began was heard of by the last change of builds.json, at the latest.
 */
async function retriesOf(
  { round, snapshot, amended }: RoundView,
  builds: Builds,
  watch: Watch,
  nowMs: number,
): Promise<ReadonlyMap<Hotkey, BuildRetry>> {
  if (amended.retriedBuilds.size === 0) return new Map();
  const amendments = (await snapshot.read(stateFiles.amendments, { round })) ?? [];
  const written = elapsedSince(await snapshot.changedAt(stateFiles.builds, { round }));
  return new Map(
    [...amended.retriedBuilds].map(([hotkey, id]) => {
      const at = amendments.find((amendment) => amendment.id === id)?.at;
      const atMs = at === undefined ? 0 : Date.parse(at) - watch.beganAt.getTime();
      const heardMs = watch.heard.get(id) ?? (builds[hotkey]?.amendment === id ? nowMs - written : nowMs);
      watch.heard.set(id, heardMs);
      return [hotkey, { amendment: id, atMs: Math.min(atMs, nowMs), heardMs }];
    }),
  );
}
