import { readFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedData } from '../../../../test-support/shared-data.js';
import { openRenderer, type Renderer, type RenderViewRequest } from '../../src/index.js';
import { addAccessor } from '../support/exotic.js';
import { type GlbParts, packGlb } from '../support/glb-builder.js';
import { decode, meanDifference, pixelAt } from '../support/images.js';

const FRONT: RenderViewRequest = { azimuth: 0, elevation: 0, sizePx: 64, lighting: 'flat@1' };

/** A square that faces the camera of azimuth 0. */
interface Sheet {
  readonly z: number;
  readonly rgba: readonly [number, number, number, number];
}
const RED: Sheet = { z: 0.3, rgba: [255, 0, 0, 255] };
const BLUE: Sheet = { z: -0.3, rgba: [0, 0, 255, 255] };
const translucent = ({ z, rgba: [r, g, b] }: Sheet, alpha: number): Sheet => ({ z, rgba: [r, g, b, alpha] });

/** Its two triangles, x and y of every corner. */
const SHEET = [-0.4, -0.4, 0.4, -0.4, 0.4, 0.4, -0.4, -0.4, 0.4, 0.4, -0.4, 0.4];

/** Unlit sheets, two-sided, each array of them a primitive of its own. */
function sheetsGlb(
  primitives: readonly (readonly Sheet[])[],
  alphaMode = 'BLEND',
  bend: (parts: GlbParts) => void = () => undefined,
): Buffer {
  const parts: GlbParts = {
    json: {
      asset: { version: '2.0' },
      extensionsUsed: ['KHR_materials_unlit'],
      scenes: [{ nodes: [0] }],
      nodes: [{ mesh: 0 }],
      materials: [{ alphaMode, doubleSided: true, extensions: { KHR_materials_unlit: {} } }],
      accessors: [],
      bufferViews: [],
      buffers: [{}],
    },
    bin: Buffer.alloc(0),
  };
  const xy = (i: number): number[] => SHEET.slice(2 * i, 2 * i + 2);
  parts.json.meshes = [
    {
      primitives: primitives.map((sheets) => ({
        material: 0,
        attributes: {
          POSITION: addAccessor(
            parts,
            new Float32Array(sheets.flatMap(({ z }) => [0, 1, 2, 3, 4, 5].flatMap((i) => [...xy(i), z]))),
            'VEC3',
          ),
          COLOR_0: addAccessor(
            parts,
            new Uint8Array(sheets.flatMap(({ rgba }) => new Array(6).fill(rgba).flat())),
            'VEC4',
          ),
        },
      })),
    },
  ];
  bend(parts);
  return packGlb(parts.json, parts.bin);
}

/** Vertices of two sheets. */
const VERTICES = 12;

const lit = ({ json }: GlbParts): void => {
  delete json.materials[0].extensions;
};

const oneSided = ({ json }: GlbParts): void => {
  delete json.materials[0].extensions;
  json.materials[0].doubleSided = false;
};

const transmissive = ({ json }: GlbParts): void => {
  json.extensionsUsed = ['KHR_materials_transmission'];
  json.materials[0].extensions = { KHR_materials_transmission: { transmissionFactor: 0.5 } };
};

const skinned = (parts: GlbParts): void => {
  const { json } = parts;
  const ones = new Float32Array(VERTICES * 4).map((_, i) => (i % 4 === 0 ? 1 : 0));
  Object.assign(json.meshes[0].primitives[0].attributes, {
    JOINTS_0: addAccessor(parts, new Uint16Array(VERTICES * 4), 'VEC4'),
    WEIGHTS_0: addAccessor(parts, ones, 'VEC4'),
  });
  json.skins = [{ joints: [1] }];
  json.nodes = [{ mesh: 0, skin: 0 }, { translation: [0.05, 0, 0] }];
  json.scenes[0].nodes = [0, 1];
};

/** The near sheet comes to lie behind the far one. */
const morphed = (parts: GlbParts): void => {
  const { json } = parts;
  const z = parts.bin.readFloatLE(8);
  const shift = new Float32Array(VERTICES * 3).map((_, i) => (i % 3 === 2 ? (i < 18 ? -2 : 2) * z : 0));
  json.meshes[0].primitives[0].targets = [{ POSITION: addAccessor(parts, shift, 'VEC3') }];
  json.meshes[0].weights = [1];
};

/** All sheets wear this image, once. */
function textured(image: Buffer): (parts: GlbParts) => void {
  return (parts) => {
    const { json } = parts;
    const uvs = new Float32Array(
      [...SHEET, ...SHEET].map((value, i) => (i % 2 === 0 ? value + 0.4 : 0.4 - value) / 0.8),
    );
    json.meshes[0].primitives[0].attributes.TEXCOORD_0 = addAccessor(parts, uvs, 'VEC2');
    json.bufferViews.push({ buffer: 0, byteOffset: parts.bin.length, byteLength: image.length });
    parts.bin = Buffer.concat([parts.bin, image, Buffer.alloc(-image.length & 3)]);
    json.buffers[0].byteLength = parts.bin.length;
    json.images = [{ bufferView: json.bufferViews.length - 1, mimeType: 'image/png' }];
    json.textures = [{ source: 0 }];
    json.materials[0].pbrMetallicRoughness = { baseColorTexture: { index: 0 } };
  };
}

describe('a blended material', () => {
  let renderer: Renderer;

  beforeAll(async () => {
    renderer = await openRenderer();
  });
  afterAll(() => renderer?.close());

  async function png(glb: Uint8Array, request: Partial<RenderViewRequest> = {}): Promise<Buffer> {
    const result = await renderer.renderView(glb, { ...FRONT, ...request });
    if (!result.ok) throw new Error(result.message);
    return result.png;
  }

  /** The colour in the middle, from the front and from behind. */
  async function middles(glb: Uint8Array): Promise<readonly (readonly number[])[]> {
    const seen = [];
    for (const azimuth of [0, 180]) seen.push(pixelAt(await decode(await png(glb, { azimuth })), 32, 32));
    return seen;
  }

  const near = (rgb: readonly number[], expected: readonly number[]): void => {
    for (const [i, value] of rgb.entries()) expect(Math.abs(value - (expected[i] ?? 0))).toBeLessThan(4);
  };
  const [white, red, blue] = [
    [255, 255, 255],
    [255, 0, 0],
    [0, 0, 255],
  ];
  /** What a translucent colour makes of what is behind it. */
  const over = (top: readonly number[], alpha: number, behind: readonly number[]): number[] =>
    behind.map((value, i) => value + alpha * ((top[i] ?? 0) - value));

  it.each([
    ['in one primitive, the far side last', [[RED, BLUE]]],
    ['in one primitive, the near side last', [[BLUE, RED]]],
    ['in two primitives', [[RED], [BLUE]]],
    ['in two primitives, turned round', [[BLUE], [RED]]],
  ])('looks like an opaque one where it is solid: %s', async (_, primitives) => {
    const opaque = sheetsGlb(primitives, 'OPAQUE');
    for (const azimuth of [0, 30, 180]) {
      expect(await png(sheetsGlb(primitives), { azimuth })).toEqual(await png(opaque, { azimuth }));
    }
  });

  it.each([
    ['flat light', undefined, 'flat@1'],
    ['studio light', lit, 'studio@1'],
    ['a skin', skinned, 'flat@1'],
    ['morph targets', morphed, 'flat@1'],
    ['transmission', transmissive, 'studio@1'],
    ['one side', oneSided, 'studio@1'],
  ] as const)('looks like an opaque one with %s', async (_, bend, lighting) => {
    for (const order of [
      [RED, BLUE],
      [BLUE, RED],
    ]) {
      const drawn = (mode: string): Promise<Buffer> => png(sheetsGlb([order], mode, bend), { lighting });
      expect(await drawn('BLEND')).toEqual(await drawn('OPAQUE'));
    }
  });

  it('looks like an opaque one when a few texels of its texture are translucent', async () => {
    const texels = Buffer.alloc(64 * 64 * 4, 255);
    const image = (): Promise<Buffer> =>
      sharp(texels, { raw: { width: 64, height: 64, channels: 4 } })
        .png()
        .toBuffer();
    const whole = textured(await image());
    for (let i = 0; i < 20; i += 1) texels[i * 4 + 3] = 0;
    const holed = textured(await image());
    const opaque = await png(sheetsGlb([[RED, BLUE]], 'OPAQUE', whole));
    expect(await png(sheetsGlb([[RED, BLUE]], 'BLEND', whole))).toEqual(opaque);
    const nearly = await png(sheetsGlb([[RED, BLUE]], 'BLEND', holed));
    expect(nearly).not.toEqual(opaque);
    expect(await meanDifference(nearly, opaque)).toBeLessThan(4);
  });

  it('lets translucent texels of one surface show the solid ones of another', async () => {
    // The upper half of both sheets is glass, the lower half is solid.
    const texels = Buffer.alloc(8 * 8 * 4, 255);
    for (let i = 0; i < 32; i += 1) texels[i * 4 + 3] = 77;
    const bend = textured(
      await sharp(texels, { raw: { width: 8, height: 8, channels: 4 } })
        .png()
        .toBuffer(),
    );
    for (const order of [
      [RED, BLUE],
      [BLUE, RED],
    ]) {
      const picture = await decode(await png(sheetsGlb([order], 'BLEND', bend)));
      near(pixelAt(picture, 32, 44), red);
      near(pixelAt(picture, 32, 24), over(red, 77 / 255, over(blue, 77 / 255, white)));
    }
  });

  const reported = sharedData('reported/blend-but-opaque');
  it.skipIf(!reported)('looks like an opaque one in the reported files (needs TILTYARD_SHARED)', async () => {
    const read = (name: string): Buffer => readFileSync(path.join(reported ?? '', name));
    for (const lighting of ['flat@1', 'studio@1'] as const) {
      const request = { azimuth: 24, elevation: -20, sizePx: 256, normalise: true, lighting };
      const opaque = await png(read('opaque.glb'), request);
      for (const name of ['blend.glb', 'blend-double-sided.glb'])
        expect(await png(read(name), request)).toEqual(opaque);
    }
  });

  it('shows what is behind it where it is translucent, in whatever order the file has it', async () => {
    const glass = translucent(RED, 77);
    const alpha = 77 / 255;
    for (const primitives of [[[glass, BLUE]], [[BLUE, glass]], [[glass], [BLUE]], [[BLUE], [glass]]]) {
      const [front = [], back = []] = await middles(sheetsGlb(primitives));
      near(front, over(red, alpha, blue));
      near(back, blue);
    }
  });

  it('shows translucent sheets from the farthest to the nearest, in whatever order the file has them', async () => {
    const sheets = [translucent(RED, 128), translucent(BLUE, 128)] as const;
    const alpha = 128 / 255;
    const [one, other] = [sheetsGlb([[sheets[0], sheets[1]]]), sheetsGlb([[sheets[1], sheets[0]]])];
    for (const glb of [one, other]) {
      const [front = [], back = []] = await middles(glb);
      near(front, over(red, alpha, over(blue, alpha, white)));
      near(back, over(blue, alpha, over(red, alpha, white)));
    }
    expect(await png(one, { azimuth: 30 })).toEqual(await png(other, { azimuth: 30 }));
  });
});
