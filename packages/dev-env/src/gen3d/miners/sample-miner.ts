import { createHash } from 'node:crypto';
import type { HttpUrl } from '@tiltyard/schema';
import type { Stem } from '@tiltyard/schema/gen3d';
import { hostAndPort } from '@tiltyard/store';
import PQueue from 'p-queue';
import type { SampleLog } from '../../server/sample-log.js';
import type { ObjectSource } from '../objects/object-source.js';
import { SampleError } from '../objects/sample-error.js';
import type { Recognise } from './catalogue.js';
import { type CdnAnswer, startCdn } from './cdn-server.js';
import { CHARACTERS, type CharacterName } from './characters.js';
import { fetchPatiently } from './fetch-patiently.js';
import { attackAt } from './hostile-answers.js';
import { makeGlb } from './make-glb.js';
import type { RoundPrompts } from './round-prompts.js';

export interface SampleMinerOptions {
  readonly character: CharacterName;
  readonly source: ObjectSource;
  readonly recognise: Recognise;
  /** Rounds as they become public; the miner works until it ends. */
  readonly prompts: AsyncIterable<RoundPrompts>;
  /** Where the CDN listens on 127.0.0.1; 0 takes any free port. */
  readonly port: number;
  /** The CDN whose files a copycat serves. */
  readonly copyFrom?: HttpUrl | undefined;
  /** `host:port` of the servers on the local network that serve prompts. */
  readonly allowHosts: readonly string[];
  readonly log: SampleLog;
}

/** What `GET /status` answers. */
export interface MinerStatus {
  readonly character: CharacterName;
  /** The round that the CDN's files are for; null before the first. */
  readonly round: number | null;
  /** Whether every file of the round that will be there is there. */
  readonly ready: boolean;
  readonly files: number;
  readonly failed: readonly { readonly stem: Stem; readonly reason: string }[];
}

/** A running sample miner: its CDN, and what fills it. */
export interface SampleMiner extends AsyncDisposable {
  readonly url: HttpUrl;
  status(): MinerStatus;
  close(): Promise<void>;
}

const PICTURE_PATIENCE_MS = 30_000;
/** Files to copy appear when their maker has made them. */
const COPY_PATIENCE_MS = 120_000;
const FILES_AT_ONCE = 4;

/**
 * Starts a sample miner. It makes a round's files when the round's prompts are public, and serves them at
 * `{url}/{stem}.glb` with a `manifest.json` (stem → sha256) next to them; `{url}/status` says how far it is.
 *
 * @throws SampleError `bad_option` for a copycat without anyone to copy from
 */
export async function startSampleMiner(options: SampleMinerOptions): Promise<SampleMiner> {
  const { character, log } = options;
  if (CHARACTERS[character].submits === 'copies' && !options.copyFrom) {
    throw new SampleError({ code: 'bad_option', option: 'copyFrom', detail: `is missing for ${character}` });
  }
  const stop = new AbortController();
  let shelf = emptyShelf(null);
  const status = (): MinerStatus => {
    const { round, ready, files, failed } = shelf;
    return { character, round, ready, files: files.size, failed };
  };
  const cdn = await startCdn({ port: options.port, answer: (path) => answerFrom(shelf, status, path) });

  const working = (async () => {
    for await (const round of options.prompts) {
      if (stop.signal.aborted) return;
      shelf = emptyShelf(round.round);
      await fillShelf(shelf, round, options, stop.signal);
      log.info({ ...status() }, 'the files are ready');
    }
  })().catch((error: unknown) => {
    if (!stop.signal.aborted) log.warn({ error: String(error) }, 'the miner has stopped working');
  });

  const close = async (): Promise<void> => {
    stop.abort();
    await cdn.close();
    // The prompts' owner ends their iteration; work under way ends with the signal.
    await Promise.race([working, new Promise((resolve) => setTimeout(resolve, 1_000).unref())]);
  };
  return { url: cdn.url, status, close, [Symbol.asyncDispose]: close };
}

interface Shelf {
  readonly round: number | null;
  ready: boolean;
  readonly files: Map<string, Uint8Array>;
  readonly attacks: Map<string, CdnAnswer>;
  readonly failed: { readonly stem: Stem; readonly reason: string }[];
}

function emptyShelf(round: number | null): Shelf {
  return { round, ready: false, files: new Map(), attacks: new Map(), failed: [] };
}

async function fillShelf(shelf: Shelf, round: RoundPrompts, miner: SampleMinerOptions, signal: AbortSignal) {
  const { submits } = CHARACTERS[miner.character];
  if (submits === 'attacks') {
    for (const [index, { stem }] of round.prompts.entries()) {
      shelf.attacks.set(`/${stem}.glb`, { kind: 'attack', attack: attackAt(index) });
    }
  } else if (submits !== 'nothing') {
    const queue = new PQueue({ concurrency: FILES_AT_ONCE });
    await queue.addAll(
      round.prompts.map((prompt) => async () => {
        try {
          shelf.files.set(prompt.stem, await fileFor(prompt, round.seed, miner, signal));
        } catch (error) {
          if (signal.aborted) throw error;
          shelf.failed.push({ stem: prompt.stem, reason: error instanceof Error ? error.message : String(error) });
        }
      }),
    );
  }
  shelf.ready = true;
}

async function fileFor(
  prompt: RoundPrompts['prompts'][number],
  seed: number,
  { character, source, recognise, copyFrom, allowHosts }: SampleMinerOptions,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (CHARACTERS[character].submits === 'copies' && copyFrom) {
    const copied = { allowHosts: [...allowHosts, hostAndPort(new URL(copyFrom))], signal };
    return fetchPatiently(`${copyFrom}/${prompt.stem}.glb`, COPY_PATIENCE_MS, copied);
  }
  const picture = await fetchPatiently(prompt.url, PICTURE_PATIENCE_MS, { allowHosts, signal });
  const object = recognise(picture)?.object;
  if (!object)
    throw new SampleError({ code: 'bad_prompt', stem: prompt.stem, detail: 'not a picture of the catalogue' });
  const glb = await makeGlb({ character, role: 'submitted', source, object, seed });
  if (!glb) throw new SampleError({ code: 'bad_prompt', stem: prompt.stem, detail: `${character} makes no files` });
  return glb;
}

const JSON_TYPE = 'application/json';

function answerFrom(shelf: Shelf, status: () => MinerStatus, path: string): CdnAnswer {
  if (path === '/status') return jsonAnswer(status());
  if (path === '/manifest.json' && shelf.files.size > 0) return jsonAnswer(manifestOf(shelf));
  const stem = /^\/([\w.-]+)\.glb$/.exec(path)?.[1];
  const bytes = stem === undefined ? undefined : shelf.files.get(stem);
  if (bytes) return { kind: 'file', bytes, contentType: 'model/gltf-binary' };
  return shelf.attacks.get(path) ?? { kind: 'missing' };
}

function jsonAnswer(value: unknown): CdnAnswer {
  return { kind: 'file', bytes: Buffer.from(`${JSON.stringify(value, null, 2)}\n`), contentType: JSON_TYPE };
}

function manifestOf({ files }: Shelf): Record<string, string> {
  const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
  return Object.fromEntries(
    [...files].sort(([a], [b]) => (a < b ? -1 : 1)).map(([stem, bytes]) => [stem, hash(bytes)]),
  );
}
