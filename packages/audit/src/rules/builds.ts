import { BUILD_TRACKING_DEFAULTS, buildTag, imageFormatOf } from '@tiltyard/rules';
import { type Build, type Builds, type Hotkey, type Submission, sameValue, shortName } from '@tiltyard/schema';
import { isOwnWork } from '../replay/commit-view.js';
import { fileOf, valueIn } from '../replay/tree.js';
import { contentRule, type Rule, type WrittenFile } from './rule.js';

/** What became of the submissions' containers. */
export const BUILD_RULES: readonly Rule[] = [
  contentRule(
    {
      id: 'R9',
      severity: 'error',
      says: 'Builds are those of the submissions: tags, images, one image format, the time they had.',
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
        file.fault(`${unbuilt.length} submissions have no build, such as ${unbuilt[0]?.slice(0, 10)}`);
      }
    },
  ),
];

const HOUR_MS = 3_600_000;
/** Commits are dated by whoever makes them, to the second, and clocks are set right now and then. */
const CLOCKS_APART_MS = HOUR_MS / 4;

/**
 * A build that ran out of time before the time was over. The time runs from the submissions' commit, or from the order to
 * build again. Where the submissions' clock is ahead of the builds', their own first commit says when they were first seen.
 */
function timedOutEarly(
  hotkey: Hotkey,
  { status, amendment: id }: Build,
  { at, change, before, tree, params }: WrittenFile<'builds'>,
): readonly string[] {
  const announced = fileOf(tree, 'submissions', params)?.firstAtMs;
  const first = change.after?.firstAtMs ?? at.commit.committedAtMs;
  const isNew = status === 'timed_out' && (before?.[hotkey]?.status !== status || before[hotkey]?.amendment !== id);
  if (!isNew || announced === undefined || !isOwnWork(at, params.round)) return [];
  const order = (valueIn(tree, 'amendments', params) ?? []).find((amendment) => amendment.id === id);
  const ahead = Math.max(0, announced - first);
  const since = (order === undefined ? announced : Date.parse(order.at)) - ahead;
  const hadMs = at.commit.committedAtMs - since;
  const due = BUILD_TRACKING_DEFAULTS.timeoutMs;
  if (hadMs >= due - CLOCKS_APART_MS) return [];
  return [
    `timed out after ${Math.max(0, Math.round(hadMs / 60_000))} minutes, where a build has ${due / HOUR_MS} hours`,
  ];
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
