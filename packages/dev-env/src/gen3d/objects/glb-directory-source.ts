import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { fitGlb } from '@tiltyard/render';
import { Stem } from '@tiltyard/schema/gen3d';
import { LRUCache } from 'lru-cache';
import { displaceVertices, flawDocument } from './flaw-glb.js';
import { type Flaws, NO_FLAWS } from './flaws.js';
import { readDocument, writeDocument } from './gltf-document.js';
import type { ObjectSource } from './object-source.js';
import { SampleError } from './sample-error.js';

const MAX_FILES = 256;
const MAX_FILE_BYTES = 200 * 1024 * 1024;
/** Files that are kept ready but for the wobble: some characters' versions of some objects. */
const MAX_PREPARED = 64;

/**
 * The GLBs of a folder as objects, named after their files and scaled into the unit cube; only a wobble may reach out of
 * it by its own small measure. Flaws are made on the GLBs themselves: simplified meshes, smaller and recoloured
 * textures, stretched axes.
 *
 * @throws SampleError `unreadable`, `no_objects`, `bad_object` for a file that cannot be used
 */
export async function openGlbDirectory(directory: string): Promise<ObjectSource> {
  const files = await listGlbs(directory);
  const prepared = new LRUCache<string, Promise<Uint8Array>>({ max: MAX_PREPARED });
  const prepare = (name: string, file: string, flaws: Flaws): Promise<Uint8Array> => {
    const key = JSON.stringify([name, { ...flaws, wobble: 0 }]);
    const known = prepared.get(key) ?? prepareGlb(name, file, flaws);
    prepared.set(key, known);
    known.catch(() => prepared.delete(key));
    return known;
  };
  return {
    names: [...files.keys()],
    make: async (name, flaws, seed) => {
      const file = files.get(name);
      if (!file) throw new SampleError({ code: 'unknown_object', name, known: [...files.keys()] });
      const glb = await prepare(name, file, flaws);
      if (flaws.wobble === 0) return glb;
      const document = await readDocument(glb);
      displaceVertices(document, flaws.wobble, `wobble of ${seed}`);
      return writeDocument(document);
    },
  };
}

async function listGlbs(directory: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(directory).catch((cause: unknown) => {
    throw new SampleError({ code: 'unreadable', target: directory, detail: String(cause) }, { cause });
  });
  const files = new Map<string, string>();
  for (const entry of entries
    .filter((name) => /\.glb$/i.test(name))
    .sort()
    .slice(0, MAX_FILES)) {
    const name = Stem.safeParse(entry.slice(0, -4).replace(/[^\w.-]+/g, '-'));
    if (!name.success) throw new SampleError({ code: 'bad_object', file: entry, detail: 'its name is no prompt name' });
    if (files.has(name.data))
      throw new SampleError({ code: 'bad_object', file: entry, detail: 'its name comes twice' });
    files.set(name.data, path.join(directory, entry));
  }
  if (files.size === 0) throw new SampleError({ code: 'no_objects', directory });
  return files;
}

async function prepareGlb(name: string, file: string, flaws: Flaws): Promise<Uint8Array> {
  const facts = await stat(file);
  // Reading a pipe might never end.
  if (!facts.isFile()) throw new SampleError({ code: 'bad_object', file, detail: 'is no file' });
  const { size } = facts;
  if (size > MAX_FILE_BYTES) {
    throw new SampleError({ code: 'bad_object', file, detail: `is larger than ${MAX_FILE_BYTES} bytes` });
  }
  try {
    const fitted = await fittedGlb(await readFile(file));
    if (isFlawless(flaws)) return fitted;
    const document = await readDocument(fitted);
    await flawDocument(document, flaws);
    displaceVertices(document, flaws.jitter, `jitter of ${name}`);
    return await fittedGlb(await writeDocument(document));
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new SampleError({ code: 'bad_object', file, detail }, { cause });
  }
}

async function fittedGlb(glb: Uint8Array): Promise<Uint8Array> {
  const fit = await fitGlb(glb);
  if (!fit.ok) throw new Error(fit.message);
  return fit.glb;
}

function isFlawless(flaws: Flaws): boolean {
  return JSON.stringify({ ...flaws, wobble: 0 }) === JSON.stringify(NO_FLAWS);
}
