import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Document, getBounds, NodeIO } from '@gltf-transform/core';
import { ALL_EXTENSIONS } from '@gltf-transform/extensions';
import { Stem } from '@tiltyard/schema';
import { MeshoptDecoder } from 'meshoptimizer';
import { displaceVertices, flawDocument } from './flaw-glb.js';
import type { Flaws } from './flaws.js';
import type { ObjectSource } from './object-source.js';
import { SampleError } from './sample-error.js';

const MAX_FILES = 256;
const MAX_FILE_BYTES = 200 * 1024 * 1024;
/** Files that are kept ready but for the wobble: some characters' versions of some objects. */
const MAX_PREPARED = 24;
/** Just inside the cube, so that neither rounding nor wobble puts a vertex outside. */
const EDGE = 0.9997;

/**
 * The GLBs of a folder as objects, named after their files and scaled into the unit cube. Flaws are made on the GLBs
 * themselves: simplified meshes, smaller and recoloured textures, stretched axes.
 *
 * @throws SampleError `unreadable`, `no_objects`, `bad_object` for a file that cannot be used
 */
export async function openGlbDirectory(directory: string): Promise<ObjectSource> {
  const files = await listGlbs(directory);
  const prepared = new Map<string, Promise<Uint8Array>>();
  const prepare = (name: string, file: string, flaws: Flaws): Promise<Uint8Array> => {
    const key = JSON.stringify([name, { ...flaws, wobble: 0 }]);
    const known = prepared.get(key) ?? prepareGlb(name, file, flaws);
    prepared.delete(key);
    prepared.set(key, known);
    known.catch(() => prepared.delete(key));
    if (prepared.size > MAX_PREPARED) prepared.delete(prepared.keys().next().value ?? key);
    return known;
  };
  return {
    names: [...files.keys()],
    make: async (name, flaws, seed) => {
      const file = files.get(name);
      if (!file) throw new SampleError({ code: 'unknown_object', name, known: [...files.keys()] });
      const glb = await prepare(name, file, flaws);
      if (flaws.wobble === 0) return glb;
      const io = await glbIo();
      const document = await io.readBinary(glb);
      displaceVertices(document, flaws.wobble, `wobble of ${seed}`);
      return io.writeBinary(document);
    },
  };
}

async function listGlbs(directory: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(directory).catch((cause: unknown) => {
    throw new SampleError({ code: 'unreadable', target: directory, problem: String(cause) }, { cause });
  });
  const files = new Map<string, string>();
  for (const entry of entries
    .filter((name) => /\.glb$/i.test(name))
    .sort()
    .slice(0, MAX_FILES)) {
    const name = Stem.safeParse(entry.slice(0, -4).replace(/[^\w.-]+/g, '-'));
    if (!name.success)
      throw new SampleError({ code: 'bad_object', file: entry, problem: 'its name is no prompt name' });
    if (files.has(name.data))
      throw new SampleError({ code: 'bad_object', file: entry, problem: 'its name comes twice' });
    files.set(name.data, path.join(directory, entry));
  }
  if (files.size === 0) throw new SampleError({ code: 'no_objects', directory });
  return files;
}

async function prepareGlb(name: string, file: string, flaws: Flaws): Promise<Uint8Array> {
  const { size } = await stat(file);
  if (size > MAX_FILE_BYTES) {
    throw new SampleError({ code: 'bad_object', file, problem: `is larger than ${MAX_FILE_BYTES} bytes` });
  }
  try {
    const io = await glbIo();
    const document = await io.readBinary(await readFile(file));
    dropCompression(document);
    await flawDocument(document, flaws);
    fitUnitCube(document);
    displaceVertices(document, flaws.jitter, `jitter of ${name}`);
    if (flaws.jitter > 0) fitUnitCube(document);
    return await io.writeBinary(document);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new SampleError({ code: 'bad_object', file, problem }, { cause });
  }
}

/** Compressed meshes were decoded when they were read; they are written plain. */
function dropCompression(document: Document): void {
  for (const extension of document.getRoot().listExtensionsUsed()) {
    if (/_compression$/.test(extension.extensionName)) extension.dispose();
  }
}

function fitUnitCube(document: Document): void {
  const scene = document.getRoot().getDefaultScene() ?? document.getRoot().listScenes()[0];
  if (!scene) throw new Error('has no scene');
  const { min, max } = getBounds(scene);
  const size = Math.max(...max.map((high, axis) => high - (min[axis] ?? 0)));
  if (!(size > 0 && Number.isFinite(size))) throw new Error('has no size');
  const scale = EDGE / size;
  const [x = 0, y = 0, z = 0] = max.map((high, axis) => -scale * ((high + (min[axis] ?? 0)) / 2));
  const fitted = document.createNode('fit').setScale([scale, scale, scale]).setTranslation([x, y, z]);
  for (const child of scene.listChildren()) fitted.addChild(child);
  scene.addChild(fitted);
}

let io: Promise<NodeIO> | undefined;

function glbIo(): Promise<NodeIO> {
  io ??= MeshoptDecoder.ready.then(() =>
    new NodeIO().registerExtensions(ALL_EXTENSIONS).registerDependencies({ 'meshopt.decoder': MeshoptDecoder }),
  );
  return io;
}
