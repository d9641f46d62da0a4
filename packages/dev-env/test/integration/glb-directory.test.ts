import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Document, getBounds, NodeIO } from '@gltf-transform/core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedData } from '../../../../test-support/shared-data.js';
import { type Flaws, NO_FLAWS, QUALITIES, type Quality } from '../../src/gen3d/objects/flaws.js';
import { openGlbDirectory } from '../../src/gen3d/objects/glb-directory-source.js';
import { makeSampleObject } from '../../src/gen3d/objects/sample-object-source.js';

const WOBBLE = 1e-4;
const TEXTURE = { width: 256, height: 128, channels: 3, background: '#c03020' } as const;

/** A mug that is three times as large as the cube and off its centre, with a red texture. */
async function strangeMug(): Promise<Uint8Array> {
  const io = new NodeIO();
  const document = await io.readBinary(makeSampleObject('mug', NO_FLAWS, ''));
  const picture = await sharp({ create: TEXTURE }).png().toBuffer();
  const texture = document.createTexture('paint').setImage(new Uint8Array(picture)).setMimeType('image/png');
  document.getRoot().listMaterials()[0]?.setBaseColorTexture(texture);
  document.getRoot().listNodes()[0]?.setScale([3, 3, 3]).setTranslation([5, -2, 1]);
  return io.writeBinary(document);
}

function boundsOf(document: Document): { size: number[]; centre: number[]; reach: number } {
  const [scene] = document.getRoot().listScenes();
  if (!scene) throw new Error('no scene');
  const { min, max } = getBounds(scene);
  const size = max.map((high, axis) => high - (min[axis] ?? 0));
  const centre = max.map((high, axis) => (high + (min[axis] ?? 0)) / 2);
  return { size, centre, reach: Math.max(...[...min, ...max].map(Math.abs)) };
}

const triangles = (document: Document) =>
  document
    .getRoot()
    .listMeshes()
    .flatMap((mesh) => mesh.listPrimitives())
    .reduce((sum, primitive) => sum + (primitive.getIndices()?.getCount() ?? 0) / 3, 0);

describe('objects from a folder of GLBs', () => {
  let folder: string;
  const read = async (glb: Uint8Array) => new NodeIO().readBinary(glb);
  const make = async (flaws: Flaws, seed = '') =>
    read(await (await openGlbDirectory(folder)).make('my-mug', flaws, seed));

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'tiltyard-test-'));
    await writeFile(path.join(folder, 'my mug.glb'), await strangeMug());
    await writeFile(path.join(folder, 'Car.GLB'), makeSampleObject('car', NO_FLAWS, ''));
    await writeFile(path.join(folder, 'read.me'), 'not a model');
  });

  afterAll(() => rm(folder, { recursive: true }));

  it('are named after their files, as prompts may be', async () => {
    expect((await openGlbDirectory(folder)).names).toEqual(['Car', 'my-mug']);
  });

  it('fill the unit cube at every quality, and get worse in triangles and texels', async () => {
    for (const quality of Object.keys(QUALITIES) as Quality[]) {
      const { reach, centre } = boundsOf(await make({ ...QUALITIES[quality], wobble: WOBBLE }));
      expect(reach).toBeLessThanOrEqual(0.5 + WOBBLE);
      expect(reach).toBeGreaterThan(0.49);
      for (const coordinate of centre) expect(coordinate).toBeCloseTo(0, 3);
    }
    const [best, rough] = [await make(QUALITIES.best), await make(QUALITIES.rough)];
    expect(triangles(rough)).toBeLessThan(triangles(best) / 3);
    const edges = [best, rough].map((one) =>
      one
        .getRoot()
        .listTextures()
        .map((texture) => texture.getSize()?.[0] ?? 0),
    );
    expect(Math.max(...(edges[1] ?? []))).toBeLessThan(Math.max(...(edges[0] ?? [])) / 3);
  });

  it('change their proportions by the stretch and their colours by the hue', async () => {
    const square = boundsOf(await make(NO_FLAWS)).size;
    const flat = boundsOf(await make({ ...NO_FLAWS, stretch: [1, 0.5, 1] })).size;
    expect((flat[1] ?? 0) / (flat[0] ?? 1)).toBeCloseTo((0.5 * (square[1] ?? 0)) / (square[0] ?? 1), 3);
    const green = await make({ ...NO_FLAWS, hueTurn: 120 });
    const image = green.getRoot().listMaterials()[0]?.getBaseColorTexture()?.getImage();
    const { dominant } = await sharp(image ?? new Uint8Array()).stats();
    expect(dominant.g).toBeGreaterThan(dominant.r);
  });

  it('are the same bytes for the same seed, and nearly the same shape for another', async () => {
    const source = await openGlbDirectory(folder);
    const wobbly = { ...QUALITIES.good, wobble: WOBBLE };
    const [once, again, other] = await Promise.all(['a', 'a', 'b'].map((seed) => source.make('my-mug', wobbly, seed)));
    expect(Buffer.compare(once ?? Buffer.of(), again ?? Buffer.of())).toBe(0);
    expect(Buffer.compare(once ?? Buffer.of(), other ?? Buffer.of())).not.toBe(0);
  });

  it('are refused with the file that is wrong, or the folder that holds none', async () => {
    const broken = await mkdtemp(path.join(tmpdir(), 'tiltyard-test-'));
    try {
      await expect(openGlbDirectory(broken)).rejects.toMatchObject({ fault: { code: 'no_objects' } });
      await expect(openGlbDirectory(path.join(broken, 'none'))).rejects.toMatchObject({
        fault: { code: 'unreadable' },
      });
      await writeFile(path.join(broken, 'bad.glb'), 'not a model');
      const source = await openGlbDirectory(broken);
      const file = expect.stringContaining('bad.glb');
      await expect(source.make('bad', NO_FLAWS, '')).rejects.toMatchObject({ fault: { code: 'bad_object', file } });
      await expect(source.make('good', NO_FLAWS, '')).rejects.toMatchObject({ fault: { code: 'unknown_object' } });
    } finally {
      await rm(broken, { recursive: true });
    }
  });

  const duck = sharedData('glb/Duck.glb');
  it.skipIf(!duck)('include other people’s models (needs TILTYARD_SHARED)', async () => {
    const source = await openGlbDirectory(path.dirname(duck ?? ''));
    for (const name of source.names) {
      for (const quality of ['best', 'good', 'rough', 'weak'] as const) {
        const glb = await source.make(name, { ...QUALITIES[quality], wobble: WOBBLE }, 'seed');
        expect(boundsOf(await read(glb)).reach).toBeLessThanOrEqual(0.5 + WOBBLE);
      }
    }
  });

  it('are never waited for at a pipe, nor read from a folder', async () => {
    const traps = await mkdtemp(path.join(tmpdir(), 'tiltyard-test-'));
    execFileSync('mkfifo', [path.join(traps, 'pipe.glb')]);
    await mkdir(path.join(traps, 'folder.glb'));
    const objects = await openGlbDirectory(traps);
    for (const name of objects.names) {
      await expect(objects.make(name, NO_FLAWS, '')).rejects.toMatchObject({
        fault: { code: 'bad_object', detail: 'is no file' },
      });
    }
    expect(objects.names).toEqual(['folder', 'pipe']);
    await rm(traps, { recursive: true });
  });
});
