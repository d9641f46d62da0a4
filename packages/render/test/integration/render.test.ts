import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedData } from '../../../../test-support/shared-data.js';
import {
  fitGlb,
  GLB_LIMITS_DEFAULTS,
  type GlbFaultCode,
  openRenderer,
  type Renderer,
  type RenderViewRequest,
  VIEW_SETS,
} from '../../src/index.js';
import { dracoGlb, encodeKtx2, ktx2Glb, meshoptGlb } from '../support/compressed.js';
import { boxGlb } from '../support/glb-builder.js';
import { decode, meanDifference, pixelAt, quartersPng, quartersRgba } from '../support/images.js';
import { GRID } from '../support/renderer-under-test.js';

const FRONT: RenderViewRequest = { azimuth: 0, elevation: 0, sizePx: 128 };

let renderer: Renderer;
let quarters: Buffer;

beforeAll(async () => {
  renderer = await openRenderer();
  quarters = await quartersPng(64);
});
afterAll(() => renderer.close());

async function grid(glb: Uint8Array, request: Partial<typeof GRID> = {}): Promise<Buffer> {
  const result = await renderer.render(glb, { ...GRID, ...request });
  if (!result.ok) throw new Error(result.message);
  return result.grid;
}

async function view(glb: Uint8Array, request: Partial<RenderViewRequest> = {}) {
  const result = await renderer.renderView(glb, { ...FRONT, ...request });
  if (!result.ok) throw new Error(result.message);
  return decode(result.png);
}

describe('rendering the reference grid', () => {
  it('lays four different views out on white, with black gaps', async () => {
    const picture = await decode(await grid(boxGlb(undefined, { image: quarters, half: 0.4 })));
    expect([picture.width, picture.height]).toEqual([1041, 1041]);
    for (const [x, y] of [
      [520, 10],
      [518, 1030],
      [10, 520],
      [1030, 522],
    ] as const) {
      expect(pixelAt(picture, x, y)).toEqual([0, 0, 0]);
    }
    for (const x of [2, 515, 525, 1038]) expect(pixelAt(picture, x, 2)).toEqual([255, 255, 255]);
    const middles = [
      [259, 259],
      [782, 259],
      [259, 782],
      [782, 782],
    ] as const;
    const seen = middles.map(([x, y]) => pixelAt(picture, x, y).join());
    for (const middle of seen) expect(middle).not.toBe('255,255,255');
    expect(new Set(seen).size).toBeGreaterThan(1);
  });

  it('gives the same bytes twice, after other models, and from another process', async () => {
    const glb = boxGlb(undefined, { image: quarters });
    const first = await grid(glb);
    await grid(boxGlb(), { lighting: 'flat@1' });
    expect((await grid(glb)).equals(first)).toBe(true);
    await using other = await openRenderer();
    const again = await other.render(glb, GRID);
    expect(again.ok && again.grid.equals(first)).toBe(true);
    expect(other.describe()).toBe(renderer.describe());
  });

  it('names everything that the pixels depend on', () => {
    expect(renderer.describe()).toMatch(
      /^gl 9\.\S+, three 0\.\d+\.\d+, sharp \S+, (lavapipe .* width 256|nvidia .*), ANGLE.*, drawing \d+$/,
    );
  });

  it("returns the bundle's twelve views by name as well as the grid", async () => {
    const result = await renderer.render(boxGlb(), { ...GRID, views: 'bundle-12@1', separateViews: true });
    if (!result.ok) throw new Error(result.message);
    expect(result.views?.map(({ name }) => name)).toEqual(VIEW_SETS['bundle-12@1'].views.map(({ name }) => name));
    const grey = await decode(result.views?.find(({ name }) => name === 'front_left_grey')?.png ?? Buffer.alloc(0));
    expect([grey.width, grey.height]).toEqual([1024, 1024]);
    expect(pixelAt(grey, 3, 3)).toEqual([0x80, 0x80, 0x80]);
    expect(result.grid.equals(await grid(boxGlb()))).toBe(true);
  });
});

describe('what is seen', () => {
  const strongest = ([red, green, blue]: readonly [number, number, number]) =>
    [red > 90 ? 'r' : '', green > 90 ? 'g' : '', blue > 90 ? 'b' : ''].join('');

  it('has the front towards the camera at azimuth 0, upright and not mirrored', async () => {
    const picture = await view(boxGlb(undefined, { image: quarters }));
    const around = [
      [50, 50],
      [78, 50],
      [50, 78],
      [78, 78],
    ] as const;
    expect(around.map(([x, y]) => strongest(pixelAt(picture, x, y)))).toEqual(['r', 'g', 'b', 'rg']);
  });

  it("goes to the object's +x side at azimuth 90, and above at negative elevation", async () => {
    // Coloured by direction: the box's faces are front, back, right (+x), left, top, bottom, one pixel each.
    const strip = await sharp(Buffer.from([9, 9, 9, 9, 9, 9, 200, 9, 9, 9, 200, 9, 9, 9, 200, 200, 200, 9]), {
      raw: { width: 6, height: 1, channels: 3 },
    })
      .png()
      .toBuffer();
    const glb = boxGlb(
      ({ json, bin }) => {
        const at = json.bufferViews[2].byteOffset;
        for (let v = 0; v < 24; v += 1) bin.writeFloatLE((Math.floor(v / 4) + 0.5) / 6, at + v * 8);
        json.samplers = [{ magFilter: 9728, minFilter: 9728 }];
        json.textures[0].sampler = 0;
      },
      { image: strip },
    );
    const looks = [{ azimuth: 90 }, { azimuth: 270 }, { elevation: -90 }, { elevation: 90 }];
    const seen: string[] = [];
    for (const look of looks) seen.push(strongest(pixelAt(await view(glb, look), 64, 64)));
    expect(seen).toEqual(['r', 'g', 'b', 'rg']);
  });

  it('shows metal in the studio, which flat light leaves black', async () => {
    const metal = boxGlb(({ json }) => {
      json.materials[0].pbrMetallicRoughness = {
        baseColorFactor: [0.9, 0.9, 0.9, 1],
        metallicFactor: 1,
        roughnessFactor: 0.1,
      };
    });
    const [studio, flat] = [
      await view(metal, { azimuth: 320 }),
      await view(metal, { azimuth: 320, lighting: 'flat@1' }),
    ];
    expect(Math.min(...pixelAt(studio, 80, 64))).toBeGreaterThan(60);
    expect(Math.max(...pixelAt(flat, 80, 64))).toBeLessThan(60);
  });

  it('lights a matt surface under flat light as the reference does', async () => {
    // Ambient 0.3, and 6.0 / π of the cosine to the light at the camera (0, 0, 2) + (1, 1, 0), on a linear albedo of 0.2.
    const matt = boxGlb(({ json }) => {
      json.materials[0].pbrMetallicRoughness = {
        baseColorFactor: [0.2, 0.2, 0.2, 1],
        metallicFactor: 0,
        roughnessFactor: 1,
      };
    });
    const [red] = pixelAt(await view(matt, { lighting: 'flat@1' }), 64, 64);
    const linear = 0.2 * (0.3 + (6 / Math.PI) * (2 / Math.hypot(1, 1, 2)));
    const encoded = 255 * (1.055 * linear ** (1 / 2.4) - 0.055);
    // A rough dielectric still reflects about a hundredth.
    expect(Math.abs(red - encoded)).toBeLessThan(8);
  });

  it('culls back faces, unless the material has two sides', async () => {
    const inside = (doubleSided: boolean) =>
      boxGlb(({ json }) => {
        json.materials[0].doubleSided = doubleSided;
        json.accessors[3] = { ...json.accessors[3], count: 6 }; // the front face alone
      });
    expect(pixelAt(await view(inside(false), { azimuth: 180 }), 64, 64)).toEqual([255, 255, 255]);
    expect(pixelAt(await view(inside(true), { azimuth: 180 }), 64, 64)).not.toEqual([255, 255, 255]);
  });

  it('refuses what draws as nothing, although it has triangles', async () => {
    const ghost = boxGlb(({ json }) => {
      Object.assign(json.materials[0], { alphaMode: 'MASK', alphaCutoff: 0.5 });
      json.materials[0].pbrMetallicRoughness = { baseColorFactor: [1, 0, 0, 0.1] };
    });
    expect(await renderer.render(ghost, GRID)).toMatchObject({ ok: false, code: 'degenerate' });
  });

  it('takes no lights from the file', async () => {
    const lit = boxGlb(({ json }) => {
      json.extensionsUsed = ['KHR_lights_punctual'];
      json.extensions = { KHR_lights_punctual: { lights: [{ type: 'directional', intensity: 100 }] } };
      json.nodes[0].extensions = { KHR_lights_punctual: { light: 0 } };
    });
    expect((await grid(lit)).equals(await grid(boxGlb()))).toBe(true);
  });

  it('never moves or scales a model unless asked to', async () => {
    const far = boxGlb(({ json }) => {
      json.nodes[0].scale = [3, 3, 3];
      json.nodes[0].translation = [5, 0, 0];
    });
    expect(await renderer.render(far, GRID)).toMatchObject({ ok: false, code: 'out_of_bounds' });
    expect((await grid(far, { normalise: true })).equals(await grid(boxGlb()))).toBe(true);
    const fit = await fitGlb(far);
    const fitted = await renderer.render(fit.ok ? fit.glb : far, GRID);
    expect(fitted.ok && (await meanDifference(fitted.grid, await grid(boxGlb())))).toBeLessThan(0.5);
  });
});

describe('compressed models', () => {
  it('look like the uncompressed one with Draco', async () => {
    const plain = boxGlb(undefined, { image: quarters });
    expect(await meanDifference(await grid(await dracoGlb(plain)), await grid(plain))).toBeLessThan(1);
  });

  it('look like the uncompressed one with meshopt', async () => {
    const plain = boxGlb(undefined, { image: quarters });
    expect(await meanDifference(await grid(await meshoptGlb(plain)), await grid(plain))).toBeLessThan(1);
  });

  it.each(['uastc', 'etc1s'] as const)('look like the PNG one with KTX2 (%s)', async (mode) => {
    const ktx2 = ktx2Glb(await encodeKtx2(await quartersRgba(64), 64, mode));
    const plain = boxGlb(undefined, { image: quarters });
    expect(await meanDifference(await grid(ktx2), await grid(plain))).toBeLessThan(4);
  });

  it('look like the PNG one with JPEG and WebP', async () => {
    const plain = await grid(boxGlb(undefined, { image: quarters }));
    const webp = boxGlb(
      ({ json }) => {
        json.textures = [{ extensions: { EXT_texture_webp: { source: 0 } } }];
        json.extensionsRequired = ['EXT_texture_webp'];
      },
      { image: await sharp(quarters).webp({ quality: 95 }).toBuffer(), mimeType: 'image/webp' },
    );
    const jpeg = boxGlb(undefined, {
      image: await sharp(quarters).jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer(),
      mimeType: 'image/jpeg',
    });
    for (const glb of [webp, jpeg]) expect(await meanDifference(await grid(glb), plain)).toBeLessThan(4);
  });
});

describe('files that only decoding gives away', () => {
  it('refuses an image whose header is fine and whose data are not', async () => {
    const image = Buffer.from(await sharp(quarters).jpeg().toBuffer());
    const torn = boxGlb(undefined, { image: image.subarray(0, image.length - 200), mimeType: 'image/jpeg' });
    expect(await renderer.render(torn, GRID)).toMatchObject({ ok: false, code: 'bad_image' });
    const ktx2 = await encodeKtx2(await quartersRgba(64), 64, 'uastc');
    ktx2.fill(0x5a, 104);
    expect(await renderer.render(ktx2Glb(ktx2), GRID)).toMatchObject({ ok: false, code: 'bad_image' });
  });

  it('refuses a file over the limit without sending it to a worker', async () => {
    const limits = { ...GLB_LIMITS_DEFAULTS, max_glb_bytes: 100 };
    expect(await renderer.render(boxGlb(), { ...GRID, limits })).toMatchObject({ ok: false, code: 'too_large' });
  });

  it('rejects an invalid request as our own fault', async () => {
    const tiny = renderer.renderView(boxGlb(), { ...FRONT, sizePx: 1 });
    await expect(tiny).rejects.toMatchObject({ fault: { code: 'bad_option', option: 'shots.0.edgePx' } });
  });
});

const hostile: readonly [string, GlbFaultCode][] = [
  ['empty', 'not_glb'],
  ['garbage', 'not_glb'],
  ['truncated', 'not_glb'],
  ['external-buffer', 'external_uri'],
  ['external-image', 'external_uri'],
  ['huge-index-count', 'bad_accessor'],
  ['index-oob', 'index_range'],
  ['nan-positions', 'non_finite'],
  ['no-meshes', 'no_mesh'],
  ['node-cycle', 'node_cycle'],
  ['png-bomb-30000', 'image_too_large'],
  ['zero-scale', 'degenerate'],
  ['image-not-image', 'bad_image'],
  ['deep-json', 'too_complex'],
];

describe.each(hostile)('the hostile sample %s', (name, code) => {
  const file = sharedData(`hostile-glb/${name}.glb`);
  it.skipIf(!file)(`gives ${code}, and the worker lives on (needs TILTYARD_SHARED)`, async () => {
    expect(await renderer.render(readFileSync(file ?? ''), GRID)).toMatchObject({ ok: false, code });
    expect(await renderer.renderView(boxGlb(), FRONT)).toMatchObject({ ok: true });
  });
});

describe.each(['Duck', 'DamagedHelmet'])('the well-known model %s', (name) => {
  const file = sharedData(`glb/${name}.glb`);
  it.skipIf(!file)('renders to the same bytes twice (needs TILTYARD_SHARED)', async () => {
    const glb = readFileSync(file ?? '');
    expect(await renderer.render(glb, GRID)).toMatchObject({ ok: false, code: 'out_of_bounds' });
    const first = await grid(glb, { normalise: true });
    expect((await grid(glb, { normalise: true })).equals(first)).toBe(true);
  });
});
