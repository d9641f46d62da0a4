import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedData } from '../../../../test-support/shared-data.js';
import type { GlbFaultCode, RenderResult, RenderViewRequest } from '../../src/index.js';
import { dracoGlb, encodeKtx2, ktx2Glb, meshoptGlb } from '../support/compressed.js';
import { colouredGlb, materialGlb, morphGlb, skinnedGlb } from '../support/exotic.js';
import { boxGlb, overdrawnGlb } from '../support/glb-builder.js';
import { quartersPng, quartersRgba } from '../support/images.js';
import { GRID, type RendererUnderTest, rendererUnderTest } from '../support/renderer-under-test.js';

/** All of a material at once: two-sided, see-through, and every extension that the renderer shows. */
const everything = materialGlb(
  { doubleSided: true, alphaMode: 'BLEND', emissiveFactor: [0.1, 0.2, 0.3] },
  {
    KHR_materials_anisotropy: { anisotropyStrength: 0.5 },
    KHR_materials_clearcoat: { clearcoatFactor: 0.8 },
    KHR_materials_dispersion: { dispersion: 0.3 },
    KHR_materials_emissive_strength: { emissiveStrength: 2 },
    KHR_materials_ior: { ior: 1.3 },
    KHR_materials_iridescence: { iridescenceFactor: 0.7 },
    KHR_materials_sheen: { sheenColorFactor: [0.2, 0.3, 0.4], sheenRoughnessFactor: 0.5 },
    KHR_materials_specular: { specularFactor: 0.4 },
    KHR_materials_transmission: { transmissionFactor: 0.9 },
    KHR_materials_volume: { thicknessFactor: 0.2 },
  },
);

const mirrored = boxGlb(({ json }) => {
  json.nodes[0].scale = [-1, 1, 1];
});
const empty = materialGlb({
  alphaMode: 'MASK',
  alphaCutoff: 0.9,
  pbrMetallicRoughness: { baseColorFactor: [1, 0, 0, 0.1] },
});
const tooFar = boxGlb(({ json }) => {
  json.nodes[0].translation = [5, 0, 0];
});
const indexOutOfRange = boxGlb(({ json, bin }) => bin.writeUInt16LE(999, json.bufferViews[3].byteOffset));

const SMALL: RenderViewRequest = { azimuth: 30, elevation: -15, sizePx: 64 };

describe('a job', () => {
  let pool: RendererUnderTest;
  let plain: Buffer;
  let torn: Buffer;
  let alone: RenderResult;
  const drawn: Record<string, () => Uint8Array | Promise<Uint8Array>> = {
    'morph targets': () => morphGlb(),
    'many morph targets': () => morphGlb(20),
    'a skin': () => skinnedGlb(),
    'colours at its vertices': () => colouredGlb(),
    'see-through colours at its vertices': () =>
      colouredGlb(100, ({ json }) => Object.assign(json.materials[0], { alphaMode: 'BLEND' })),
    'a mirrored node': () => mirrored,
    'every extension of a material': () => everything,
    'transmission alone': () => materialGlb({}, { KHR_materials_transmission: { transmissionFactor: 1 } }),
    'no light': () => materialGlb({}, { KHR_materials_unlit: {} }),
    'many layers that blend': () => overdrawnGlb(5),
    Draco: () => dracoGlb(plain),
    meshopt: () => meshoptGlb(plain),
    KTX2: async () => ktx2Glb(await encodeKtx2(await quartersRgba(64), 64, 'uastc')),
    'a large texture': async () => boxGlb(undefined, { image: await quartersPng(4096) }),
  };
  const refused: readonly [string, GlbFaultCode, () => Uint8Array][] = [
    ['nothing to see', 'degenerate', () => empty],
    ['a place out of bounds', 'out_of_bounds', () => tooFar],
    ['an index out of range', 'index_range', () => indexOutOfRange],
    ['an image that is none', 'bad_image', () => boxGlb(undefined, { image: torn })],
    ['bytes that are no GLB', 'not_glb', () => plain.subarray(0, 100)],
  ];

  beforeAll(async () => {
    pool = await rendererUnderTest();
    const image = await quartersPng(64);
    plain = boxGlb(undefined, { image });
    torn = image.subarray(0, image.length - 40);
    alone = await pool.renderer.render(plain, GRID);
  });
  afterAll(() => pool?.[Symbol.asyncDispose]());

  /** Asserts that the plain model is drawn as it was alone, by the same worker, in one try. */
  async function expectUndisturbed(): Promise<void> {
    const again = await pool.renderer.render(plain, GRID);
    expect(alone.ok && again.ok && again.grid.equals(alone.grid)).toBe(true);
    expect(pool.troubles).toEqual([]);
    expect(pool.pids).toHaveLength(1);
  }

  it.each(Object.entries(drawn))('with %s leaves nothing for the next', async (_, make) => {
    const glb = await make();
    expect(await pool.renderer.render(glb, GRID)).toMatchObject({ ok: true });
    // What stays on the GPU adds up.
    for (let again = 0; again < 3; again += 1) await pool.renderer.renderView(glb, SMALL);
    await expectUndisturbed();
  });

  it.each(refused)('with %s leaves nothing for the next', async (_, code, make) => {
    expect(await pool.renderer.render(make(), GRID)).toMatchObject({ ok: false, code });
    await expectUndisturbed();
  });

  it('in another light, size and place leaves nothing for the next', async () => {
    await pool.renderer.render(morphGlb(), { ...GRID, lighting: 'flat@1', views: 'bundle-12@1', separateViews: true });
    await pool.renderer.renderView(skinnedGlb(), { azimuth: 1, elevation: 90, sizePx: 2048, background: 0x102030 });
    await pool.renderer.render(tooFar, { ...GRID, normalise: true });
    await expectUndisturbed();
  });

  const reported = sharedData('reported/morph-then-next');
  it.skipIf(!reported)('after a reported model with morph targets is not charged (needs TILTYARD_SHARED)', async () => {
    for (const name of ['morph.glb', 'plain.glb']) {
      const glb = readFileSync(path.join(reported ?? '', name));
      expect(await pool.renderer.render(glb, { ...GRID, normalise: true })).toMatchObject({ ok: true });
    }
    await expectUndisturbed();
  });

  const hostile = sharedData('hostile-glb');
  it.skipIf(!hostile)('after the hostile samples sees nothing of them (needs TILTYARD_SHARED)', async () => {
    for (const name of readdirSync(hostile ?? '').filter((file) => file.endsWith('.glb'))) {
      await pool.renderer.render(readFileSync(path.join(hostile ?? '', name)), GRID);
    }
    await expectUndisturbed();
  });
});
