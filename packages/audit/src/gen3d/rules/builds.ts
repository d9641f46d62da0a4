import { BUILD_TRACKING_DEFAULTS, buildTag, imageFormatOf } from '@tiltyard/rules/gen3d';
import { counted, type Hotkey, sameValue, shortName } from '@tiltyard/schema';
import type { Build, Builds, Submission } from '@tiltyard/schema/gen3d';
import { isOwnWork } from '../commit-view.js';
import { contentRule, naming, type Rule, type WrittenFile } from '../rule.js';
import { fileOf, valueIn } from '../tree.js';

/** What became of the submissions' containers. */
export const BUILD_RULES: readonly Rule[] = [
  contentRule(
    {
      id: 'R9',
      severity: 'error',
    },
    'builds',
    (builds, file) => {
      const submissions = valueIn(file.tree, 'submissions', { round: file.params.round });
      const usual =
        imageFormats(file.before ?? {})
          .keys()
          .next().value ?? imageFormats(builds).keys().next().value;
      const faults = new Map<string, Hotkey[]>();
      for (const [hotkey, build] of Object.entries(builds) as [Hotkey, Build][]) {
        if (sameValue(file.before?.[hotkey], build)) continue;
        file.looked();
        const early = timedOutEarly(hotkey, build, file);
        for (const detail of [...buildFaults(hotkey, build, submissions?.[hotkey], usual), ...early]) {
          faults.set(detail, [...(faults.get(detail) ?? []), hotkey]);
        }
      }
      for (const [detail, hotkeys] of faults) {
        const [first, ...others] = hotkeys.map(shortName);
        file.fault(`${first}${others.length > 0 ? ` and ${others.length} more` : ''}: ${detail}`);
      }
      const unbuilt = Object.keys(submissions ?? {}).filter((hotkey) => builds[hotkey as Hotkey] === undefined);
      if (unbuilt.length > 0) {
        file.fault(
          `no build for ${counted(unbuilt.length, 'submission')}${naming(unbuilt.map((hotkey) => hotkey.slice(0, 10)))}`,
        );
      }
    },
  ),
];

const HOUR_MS = 3_600_000;
/** Commits are dated by whoever makes them, to the second, and clocks are set right now and then. */
const CLOCKS_APART_MS = HOUR_MS / 4;

/** A build that ran out of time before the time was over. */
function timedOutEarly(hotkey: Hotkey, build: Build, file: WrittenFile<'builds'>): readonly string[] {
  const { at, before, params } = file;
  const known = before?.[hotkey];
  const isNew = build.status === 'timed_out' && (known?.status !== build.status || known.amendment !== build.amendment);
  const sinceMs = isNew && isOwnWork(at, params.round) ? watchedSince(known, build, file) : undefined;
  if (sinceMs === undefined) return [];
  const hadMs = at.commit.committedAtMs - sinceMs;
  const due = BUILD_TRACKING_DEFAULTS.timeoutMs;
  if (hadMs >= due - CLOCKS_APART_MS) return [];
  const minutes = Math.max(0, Math.round(hadMs / 60_000));
  return [`timed out after ${minutes} minutes, where a build has ${due / HOUR_MS} hours`];
}

/**
 * The earliest time that a build may have been watched since: its time begins when the orchestrator first looks. That it
 * looked is on record by builds.json, where it could look; that it was to look by the submissions, or the order to build
 * again. Each is dated by another clock.
 */
function watchedSince(
  known: Build | undefined,
  { amendment: id }: Build,
  { change, tree, params }: WrittenFile<'builds'>,
): number | undefined {
  const announced = fileOf(tree, 'submissions', params)?.firstAtMs;
  if (id === undefined) return announced === undefined ? undefined : Math.min(announced, firstOf(change));
  const order = (valueIn(tree, 'amendments', params) ?? []).find((amendment) => amendment.id === id);
  if (order === undefined) return undefined;
  const looked = known?.amendment === id ? change.before?.writtenAtMs : undefined;
  return Math.min(Date.parse(order.at), looked ?? Number.POSITIVE_INFINITY);
}

function firstOf({ after }: WrittenFile<'builds'>['change']): number {
  return after?.firstAtMs ?? Number.POSITIVE_INFINITY;
}

function* buildFaults(
  hotkey: Hotkey,
  build: Build,
  submission: Submission | undefined,
  usualFormat: string | undefined,
): Generator<string> {
  if (submission === undefined) {
    yield 'built without a submission';
    return;
  }
  for (const field of ['repo', 'commit', 'revealed_at_block'] as const) {
    if (build[field] !== submission[field]) yield `${field} is ${build[field]}, submitted was ${submission[field]}`;
  }
  const tag = buildTag(submission);
  if (build.tag !== tag) yield `the tag is ${build.tag}, not ${tag}`;
  const image = build.docker_image;
  if ((image !== null) !== (build.status === 'success')) {
    yield `${build.status} ${image === null ? 'without' : 'with'} an image`;
  }
  if (image === null) return;
  if (image !== image.toLowerCase()) yield `the image's name ${image} is not in lower case`;
  const format = imageFormatOf(image, hotkey, build.tag);
  if (format === undefined) yield `the image's name ${image} does not hold hotkey and tag`;
  else if (usualFormat !== undefined && format !== usualFormat)
    yield `the image is ${format}, the others ${usualFormat}`;
}

/** The formats of the images' names, the most frequent first. */
function imageFormats(builds: Builds): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const [hotkey, { docker_image: image, tag }] of Object.entries(builds) as [Hotkey, Build][]) {
    const format = image === null ? undefined : imageFormatOf(image, hotkey, tag);
    if (format !== undefined) counts.set(format, (counts.get(format) ?? 0) + 1);
  }
  return new Map([...counts].sort(([, a], [, b]) => b - a));
}
