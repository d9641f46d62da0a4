import type { Draft } from '@tiltyard/ledger';
import { revealOrder } from '@tiltyard/rules/gen3d';
import type { Hotkey } from '@tiltyard/schema';
import {
  cdnFileUrl,
  type GenerationResult,
  type Generations,
  type Prompt,
  promptOf,
  type Stem,
  type Submissions,
  stateFiles,
} from '@tiltyard/schema/gen3d';
import {
  lookAgainNow,
  lookAgainSoon,
  type NextLook,
  type Notices,
  type Settled,
  StateError,
} from '@tiltyard/service-kit';
import { drawingOf, type RoundView } from '@tiltyard/service-kit/gen3d';
import type { FileJob, FileOutcome } from './collect-file.js';
import { type FileKey, fileKey, fileOf, TIMES_TOLD } from './downloads.js';
import { flagDuplicates } from './flag-duplicates.js';
import type { Ports } from './ports.js';

/** Everything that downloading follows from, at one commit. */
interface Collection {
  readonly view: RoundView;
  readonly submissions: Submissions;
  readonly prompts: readonly Prompt[];
  /** submitted.json of each miner, as published. */
  readonly submitted: ReadonlyMap<Hotkey, Generations>;
}

/**
 * downloading: starts what is missing, publishes what is finished in batches, and moves to duels once every file of
 * every miner has an entry. Miners that an operator excluded are not waited for.
 *
 * @see docs/mining.md#your-files
 */
export async function collect(ports: Ports, view: RoundView): Promise<NextLook> {
  const { ledger, downloads, files, network, turns, minerTime, log } = ports;
  // Jobs are known by miner and prompt alone: one of an earlier round, left over while the repository was out of reach,
  // must not pass for one of this round.
  if (downloads.enterRound(view.round)) {
    files.cancelAll();
    network.settleAll();
    turns.forget();
    minerTime.forget();
  }
  const collection = await readCollection(view);
  for (const [hotkey, entries] of collection.submitted) minerTime.resume(hotkey, entries);
  takeNotes(ports);
  const missing = missingFiles(collection).filter((file) => !downloads.isFinished(fileKey(file)));
  if (missing.length > 0 && !downloads.shouldPublish) {
    await probeForDoubts(ports, collection);
    startMissing(ports, collection, missing);
    return { ...lookAgainSoon(`${missing.length} files are missing`), stuck: downloads.stuck(missing.map(fileKey)) };
  }

  const entries = new Map(downloads.finished());
  const submitted = withEntries(collection, entries);
  const draft = view.snapshot.draft();
  if (missing.length === 0) {
    writeChanged(draft, collection, await flagDuplicates(ports, collection, submitted));
    draft.write(stateFiles.state, {}, { ...view.state, stage: 'duels', next_stage_eta: null });
  } else writeChanged(draft, collection, submitted);
  if (!draft.empty) await ledger.publish(draft);
  downloads.published(entries.keys());
  log.info({ round: view.round, entries: entries.size, missing: missing.length }, 'published downloads');
  return lookAgainNow();
}

/** Moves what has settled into the book of downloads, where it stays until it is published. */
export function takeNotes(ports: Ports): void {
  const { files } = ports;
  const settled = files.settled();
  for (const outcome of settled) note(ports, outcome);
  files.acknowledge(settled.map(({ key }) => key));
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
  return { view, submissions, prompts: prompts.map(promptOf), submitted };
}

function missingFiles({ view, submitted, prompts }: Collection): readonly FileKey[] {
  return [...submitted].flatMap(([hotkey, entries]) =>
    view.amended.excluded.has(hotkey)
      ? []
      : prompts.filter(({ stem }) => !Object.hasOwn(entries, stem)).map(({ stem }) => ({ hotkey, stem })),
  );
}

/** Takes note of a file that ended: finished, or to be tried again because the fault is ours or may be. */
function note({ downloads, network, log, notices }: Ports, settled: Settled<FileOutcome>): void {
  const { key } = settled;
  if (settled.ok) {
    const { entry } = settled.result;
    if (network.isCertain(key, settled.result)) {
      network.settle(key);
      downloads.finish(key, entry);
      if (entry.error?.code === 'out_of_time') tellOutOfTime(notices, fileOf(key).hotkey);
      return;
    }
  }
  const reason = settled.ok ? settled.result.entry.error?.message : String(settled.error);
  const times = downloads.putOff(key, reason);
  const facts = settled.ok ? { ...settled.result.entry.error } : { error: settled.error };
  log.warn({ file: key, times, ...facts }, 'not collected, maybe by our own fault; trying again later');
  if (times < TIMES_TOLD) return;
  notices.send({
    key: 'collect',
    severity: settled.ok ? 'warning' : 'alarm',
    title: 'Files cannot be collected',
    detail:
      `${key}: ${reason} (time ${times}). It may be our own network, store or renderer, so it is tried again and ` +
      'is not counted against anyone. To go on without this miner, amend exclude_hotkey.',
  });
}

function tellOutOfTime(notices: Notices, hotkey: Hotkey): void {
  notices.send({
    key: `out-of-time-${hotkey}`,
    severity: 'warning',
    title: "A miner's files took too long",
    detail: `${hotkey} has used up the time that the round's rules give all its files (miner_seconds, miner_draw_seconds).`,
  });
}

/**
 * Where failures are in doubt, a host that is not a miner's is asked. In a round of texts only, that is the repository, which
 * also shows that our network works while slow downloads are under way.
 */
async function probeForDoubts({ files, network, signal }: Ports, { prompts }: Collection): Promise<void> {
  const isVouchedFor = files.pending().size > 0 && prompts.every(({ kind }) => kind === 'text');
  if (network.hasDoubts || isVouchedFor) await network.askWitness(prompts, signal);
}

/** Starts missing files in random order, so that no miner and no host is always first. */
function startMissing(
  { files, downloads, turns }: Ports,
  { view, submissions, prompts }: Collection,
  missing: readonly FileKey[],
): void {
  const drawing = drawingOf(view.rules);
  const witnessUrl = prompts.find((prompt) => prompt.kind === 'image')?.url;
  const due = missing.filter((file) => turns.mayBegin(file.hotkey) && downloads.isDue(fileKey(file)));
  const wanted = new Set(missing.map(fileKey));
  for (const key of files.pending().keys()) if (!wanted.has(key)) files.cancel(key);
  for (const { hotkey, stem } of shuffled(due)) {
    const url = cdnFileUrl(submissions[hotkey]?.cdn_url ?? '', `${stem}.glb`);
    const job: FileJob = { hotkey, url, drawing, witnessUrl };
    files.enqueue(fileKey({ hotkey, stem }), job);
  }
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
  { submitted }: Collection,
  entries: ReadonlyMap<string, GenerationResult>,
): ReadonlyMap<Hotkey, Generations> {
  const result = new Map<Hotkey, Record<Stem, GenerationResult>>();
  for (const [hotkey, known] of submitted) result.set(hotkey, { ...known });
  for (const [key, entry] of entries) {
    const { hotkey, stem } = fileOf(key);
    const file = result.get(hotkey);
    if (file !== undefined && !Object.hasOwn(file, stem)) file[stem] = entry;
  }
  return result;
}

function writeChanged(draft: Draft, { view, submitted }: Collection, now: ReadonlyMap<Hotkey, Generations>): void {
  for (const [hotkey, file] of now) {
    const known = submitted.get(hotkey) ?? {};
    const isSame =
      Object.keys(file).length === Object.keys(known).length &&
      Object.entries(file).every(([stem, entry]) => known[stem as Stem] === entry);
    if (!isSame) draft.write(stateFiles.submitted, { round: view.round, side: hotkey }, file);
  }
}
