import { type Hotkey, shortName } from '@tiltyard/schema';
import {
  type Build,
  type BuildStatus,
  type Builds,
  isSettledBuild,
  type Submission,
  type Submissions,
} from '@tiltyard/schema/gen3d';
import { RulesError } from '../../rules-error.js';
import { stillStands } from '../round/amendments.js';

const HOUR_MS = 3_600_000;
const COMMIT = /^[0-9a-f]{40}$/i;

/** How long builds may take, and how far apart two looks must lie that agree that a job does not exist. */
export interface BuildTrackingOptions {
  readonly timeoutMs?: number;
  readonly secondLookMs?: number;
}

export const BUILD_TRACKING_DEFAULTS: Required<BuildTrackingOptions> = {
  timeoutMs: 3 * HOUR_MS,
  secondLookMs: 2 * 60_000,
};

/**
 * A build job as the workflow lists it; `conclusion` is null until it has completed. `startedMs` is only looked at for a build
 * that an operator retried, to tell the new job from the old; absent, the job is of the present.
 */
export interface BuildJob {
  readonly status: string;
  readonly conclusion: string | null;
  readonly startedMs?: number;
}

/** An operator's order to build again. Times as in {@link BuildLook}. */
export interface BuildRetry {
  readonly amendment: number;
  /** When it was given, by the operator's clock: jobs that began before it are not meant. */
  readonly atMs: number;
  /** When it was heard of, by the clock that looks: the time to build in runs from here. Absent: from `atMs`. */
  readonly heardMs?: number;
}

/** What one look at the workflow's run saw. Times are milliseconds since the builds have been watched. */
export interface BuildLook {
  readonly atMs: number;
  readonly runComplete: boolean;
  readonly jobs: ReadonlyMap<Hotkey, BuildJob>;
}

/** What build statuses follow from. */
export interface BuildTrackingInput extends BuildTrackingOptions {
  readonly submissions: Submissions;
  /** builds.json as it stands; empty before the first look. */
  readonly builds: Builds;
  /** Looks at the present run since this process started, oldest first. None before the run was found. */
  readonly looks: readonly BuildLook[];
  /** The last retry_build of each hotkey that has one. */
  readonly retries?: ReadonlyMap<Hotkey, BuildRetry>;
  /** Now, in milliseconds since the builds have been watched. */
  readonly nowMs: number;
  /** The image's name: `{hotkey10}` and `{tag}`, or `{}` twice in that order. */
  readonly imageFormat: string;
}

/** An image's tag: the first seven digits of the commit, and the round's name. */
export function buildTag({ commit, round }: Pick<Submission, 'commit' | 'round'>): string {
  if (!COMMIT.test(commit)) throw new RulesError({ code: 'commit_malformed', commit });
  return `${commit.slice(0, 7)}-${round}`;
}

/**
 * The name of a submission's image, in lower case as registries want it.
 *
 * @throws {RulesError} `image_format_malformed` when the format lacks a place for the hotkey or the tag: every miner would
 * get one name.
 */
export function imageName(format: string, hotkey: Hotkey, tag: string): string {
  const values = { hotkey10: shortName(hotkey), tag };
  const used = new Set<string>();
  let position = 0;
  const name = format.replaceAll(/\{(hotkey10|tag|0|1|)\}/g, (_, field: string) => {
    const named =
      field === '' ? ['hotkey10', 'tag'][position++] : field === '0' ? 'hotkey10' : field === '1' ? 'tag' : field;
    if (named !== 'hotkey10' && named !== 'tag') return '';
    used.add(named);
    return values[named];
  });
  for (const missing of ['hotkey10', 'tag'] as const) {
    if (!used.has(missing)) throw new RulesError({ code: 'image_format_malformed', format, missing });
  }
  return name.toLowerCase();
}

/**
 * The format that an image's name follows, with `{hotkey10}` and `{tag}` in place of this build's: the same for all builds of
 * a round. In lower case, since names are.
 *
 * @returns undefined when the name holds not both.
 * @see docs/auditing.md#the-rules, R9
 */
export function imageFormatOf(image: string, hotkey: Hotkey, tag: string): string | undefined {
  const parts = [
    [shortName(hotkey).toLowerCase(), '{hotkey10}'],
    [tag.toLowerCase(), '{tag}'],
  ] as const;
  if (parts.some(([value]) => value === '' || !image.includes(value))) return undefined;
  return parts.reduce((format, [value, place]) => format.replace(value, place), image);
}

/** A job's status as a build's. What GitHub may add one day is pending: only a conclusion that we know is a verdict. */
export function jobBuildStatus({ status, conclusion }: BuildJob): BuildStatus {
  switch (conclusion) {
    case 'success':
      return 'success';
    case 'failure':
    case 'cancelled':
    case 'skipped':
    case 'timed_out':
    case 'action_required':
      return 'failure';
  }
  return status === 'in_progress' ? 'in_progress' : 'pending';
}

/** What a build's status means for its miner: an image, the miner's failure, or nothing yet. */
export type BuildOutcome = 'built' | 'failed' | 'open';

/**
 * Judges a build. A job that was never listed is not the miner's fault, so `not_found` is no failure: it stays open
 * until an operator retries the build or excludes the hotkey.
 *
 * @param status - undefined while builds.json has no entry.
 */
export function buildOutcome(status: BuildStatus | undefined): BuildOutcome {
  if (status === 'success') return 'built';
  return status === 'failure' || status === 'timed_out' ? 'failed' : 'open';
}

/**
 * Derives builds.json from what the looks at the workflow saw.
 *
 * Settled entries stay, unless an operator had them retried. A job that is not listed is pending until the run is complete and a
 * second look, two minutes after the first that missed it in a complete run, agrees. After the timeout a listed job is timed
 * out, whatever the workflow says later; one that was never listed is not found, since a miner cannot be late with a job that
 * never was.
 *
 * @see docs/rules.md#builds
 */
export function trackBuilds(input: BuildTrackingInput): Builds {
  const { submissions, builds, retries } = input;
  return Object.fromEntries(
    (Object.entries(submissions) as [Hotkey, Submission][]).map(([hotkey, submission]) => {
      const known = builds[hotkey];
      const stands = known !== undefined && stillStands(known.amendment, retries?.get(hotkey)?.amendment);
      return [hotkey, stands && isSettledBuild(known.status) ? known : track(hotkey, submission, input)];
    }),
  ) as Builds;
}

/** True when every submission's build is settled, so that there is nothing more to look for. */
export function areBuildsSettled(submissions: Submissions, builds: Builds): boolean {
  return (Object.keys(submissions) as Hotkey[]).every((hotkey) => {
    const status = builds[hotkey]?.status;
    return status !== undefined && isSettledBuild(status);
  });
}

function track(hotkey: Hotkey, submission: Submission, input: BuildTrackingInput): Build {
  const tag = buildTag(submission);
  const status = observedStatus(hotkey, input);
  const { repo, commit, revealed_at_block } = submission;
  const docker_image = status === 'success' ? imageName(input.imageFormat, hotkey, tag) : null;
  const amendment = input.retries?.get(hotkey)?.amendment;
  return {
    repo,
    commit,
    revealed_at_block,
    tag,
    status,
    docker_image,
    ...(amendment === undefined ? {} : { amendment }),
  };
}

function observedStatus(hotkey: Hotkey, input: BuildTrackingInput): BuildStatus {
  const { timeoutMs, secondLookMs } = { ...BUILD_TRACKING_DEFAULTS, ...definedOnly(input) };
  const retry = input.retries?.get(hotkey);
  const sinceMs = retry?.atMs ?? 0;
  const looks = input.looks.filter((look) => look.atMs >= sinceMs);
  const jobIn = (look: BuildLook | undefined) => {
    const job = look?.jobs.get(hotkey);
    return retry === undefined || (job?.startedMs ?? sinceMs) >= sinceMs ? job : undefined;
  };

  const job = jobIn(looks.at(-1));
  const isLate = input.nowMs - Math.max(sinceMs, retry?.heardMs ?? sinceMs) >= timeoutMs;
  if (job !== undefined) {
    const seen = jobBuildStatus(job);
    return isLate && !isSettledBuild(seen) ? 'timed_out' : seen;
  }
  // A retried job appears when the operator starts it: the complete run of before says nothing about it.
  const isGone = retry === undefined && isMissingTwice(looks, (look) => jobIn(look) === undefined, secondLookMs);
  return isGone || isLate ? 'not_found' : 'pending';
}

function definedOnly({ timeoutMs, secondLookMs }: BuildTrackingOptions): BuildTrackingOptions {
  return {
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(secondLookMs === undefined ? {} : { secondLookMs }),
  };
}

/** True when the last look and one at least `apartMs` before it, and all between, saw a complete run without the job. */
function isMissingTwice(looks: readonly BuildLook[], lacksJob: (look: BuildLook) => boolean, apartMs: number): boolean {
  const since = looks.slice(looks.findLastIndex((look) => !look.runComplete || !lacksJob(look)) + 1);
  const [first, last] = [since[0], since.at(-1)];
  return first !== undefined && last !== undefined && last.atMs - first.atMs >= apartMs;
}
