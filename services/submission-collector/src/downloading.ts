import { LIGHTINGS, type LightingName, VIEW_SETS, type ViewSetName } from '@tiltyard/render';
import { revealOrder } from '@tiltyard/rules';
import {
  type GenerationResult,
  type Generations,
  type Hotkey,
  type Rules,
  type Stem,
  type Submissions,
  stateFiles,
  stemOf,
} from '@tiltyard/schema';
import {
  lookAgainNow,
  lookAgainSoon,
  type NextLook,
  type RoundView,
  type Settled,
  StateError,
} from '@tiltyard/service-kit';
import type { FileJob, FileOutcome } from './collect-file.js';
import { fileKey, fileOf } from './downloads.js';
import { flagDuplicates } from './flag-duplicates.js';
import type { Ports } from './ports.js';

/** Everything that downloading follows from, at one commit. */
interface Collection {
  readonly view: RoundView;
  readonly submissions: Submissions;
  readonly stems: readonly Stem[];
  /** submitted.json of each miner, as published. */
  readonly submitted: ReadonlyMap<Hotkey, Generations>;
}

/** Doubtful failures that are tried again before they count, although they may be our network's. */
const DOUBTFUL_TRIES = 5;

/**
 * downloading: starts what is missing, publishes what is finished in batches, and moves to duels once every file of
 * every miner has an entry.
 *
 * @see competition.md, section 5
 */
export async function collect(ports: Ports, view: RoundView): Promise<NextLook> {
  const { ledger, files, downloads, log } = ports;
  const collection = await readCollection(view);
  for (const settled of files.take()) note(ports, settled);

  const missing = missingFiles(collection).filter(
    ({ hotkey, stem }) => !downloads.isFinished(fileKey({ hotkey, stem })),
  );
  if (missing.length === 0 || downloads.shouldPublish) {
    const entries = new Map(downloads.finished());
    const submitted = withEntries(collection, entries);
    const draft = view.snapshot.draft();
    if (missing.length === 0) {
      const flagged = await flagDuplicates(ports, view, submitted, collection.submissions);
      writeChanged(draft, collection, flagged);
      draft.transition({ ...view.state, stage: 'duels', next_stage_eta: null });
    } else writeChanged(draft, collection, submitted);
    if (!draft.empty) await ledger.publish(draft);
    downloads.published(entries.keys());
    log.info({ round: view.round, files: entries.size, missing: missing.length }, 'published downloads');
    return lookAgainNow();
  }
  startMissing(ports, collection, missing);
  return lookAgainSoon(`${missing.length} files are missing`);
}

async function readCollection(view: RoundView): Promise<Collection> {
  const { snapshot, round } = view;
  const submissions = await snapshot.read(stateFiles.submissions, { round });
  const prompts = await snapshot.read(stateFiles.prompts, { round });
  if (submissions === undefined || prompts === undefined) {
    const path = `rounds/${round}/${submissions === undefined ? 'submissions.json' : 'prompts.txt'}`;
    throw new StateError({ code: 'missing', path });
  }
  const submitted = new Map<Hotkey, Generations>();
  for (const hotkey of revealOrder(submissions)) {
    submitted.set(hotkey, (await snapshot.read(stateFiles.submitted, { round, side: hotkey })) ?? {});
  }
  return { view, submissions, stems: prompts.map(stemOf), submitted };
}

function missingFiles({ submitted, stems }: Collection): readonly { readonly hotkey: Hotkey; readonly stem: Stem }[] {
  return [...submitted].flatMap(([hotkey, entries]) =>
    stems.filter((stem) => !Object.hasOwn(entries, stem)).map((stem) => ({ hotkey, stem })),
  );
}

/** Takes note of a file that ended: finished, or to be tried again because the fault is ours. */
function note({ downloads, log, notices }: Ports, settled: Settled<FileOutcome>): void {
  const { key } = settled;
  if (settled.ok && !(settled.result.doubtful && downloads.putOff(key) <= DOUBTFUL_TRIES)) {
    downloads.finish(key, settled.result.entry);
    return;
  }
  if (settled.ok) {
    log.warn({ file: key, ...settled.result.entry.error }, 'the failure may be ours; trying again later');
    return;
  }
  const times = downloads.putOff(key);
  log.error({ file: key, error: settled.error, times }, 'our side failed; trying again later');
  const detail = `${key}: ${String(settled.error)} (time ${times})`;
  notices.send({ key: 'collect', severity: 'warning', title: 'Files cannot be collected', detail });
}

/** Starts missing files in random order, so that no miner and no host is always first. */
function startMissing(
  { files, downloads }: Ports,
  collection: Collection,
  missing: ReturnType<typeof missingFiles>,
): void {
  const { rules } = collection.view;
  const { limits } = rules;
  const { views, lighting } = renderingOf(rules);
  const due = missing.filter((file) => downloads.mayBegin(file.hotkey) && downloads.isDue(fileKey(file)));
  for (const { hotkey, stem } of shuffled(due)) {
    const base = collection.submissions[hotkey]?.cdn_url.replace(/\/+$/, '') ?? '';
    const job: FileJob = { url: `${base}/${encodeURIComponent(stem)}.glb`, limits, views, lighting };
    files.enqueue(fileKey({ hotkey, stem }), job);
  }
}

/** @throws StateError when the rules name views or lighting that this version does not know: nothing else will do. */
function renderingOf({ rendering }: Rules): { readonly views: ViewSetName; readonly lighting: LightingName } {
  const views = (Object.keys(VIEW_SETS) as ViewSetName[]).find((name) => name === rendering.views);
  const lighting = LIGHTINGS.find((name) => name === rendering.lighting);
  if (views !== undefined && lighting !== undefined) return { views, lighting };
  const detail = `${rendering.views}, ${rendering.lighting} is not known to this version`;
  throw new StateError({ code: 'inconsistent', path: 'rules.json rendering', detail });
}

/** Fisher and Yates's shuffle. The order decides nothing, so any randomness will do. */
function shuffled<T>(items: readonly T[]): readonly T[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1));
    [result[last], result[other]] = [result[other] as T, result[last] as T];
  }
  return result;
}

function withEntries(
  { submitted, stems }: Collection,
  entries: ReadonlyMap<string, GenerationResult>,
): ReadonlyMap<Hotkey, Generations> {
  const result = new Map<Hotkey, Record<Stem, GenerationResult>>();
  for (const [hotkey, known] of submitted) result.set(hotkey, { ...known });
  for (const [key, entry] of entries) {
    const { hotkey, stem } = fileOf(key);
    const file = result.get(hotkey);
    // A stage that was left and entered again may leave entries of another round behind.
    if (file !== undefined && stems.includes(stem) && !Object.hasOwn(file, stem)) file[stem] = entry;
  }
  return result;
}

function writeChanged(
  draft: ReturnType<RoundView['snapshot']['draft']>,
  { view, submitted }: Collection,
  now: ReadonlyMap<Hotkey, Generations>,
): void {
  for (const [hotkey, file] of now) {
    const known = submitted.get(hotkey) ?? {};
    const isSame =
      Object.keys(file).length === Object.keys(known).length &&
      Object.entries(file).every(([stem, entry]) => known[stem as Stem] === entry);
    if (!isSame) draft.write(stateFiles.submitted, { round: view.round, side: hotkey }, file);
  }
}
