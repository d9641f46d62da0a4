import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { checkGlb } from '../../src/index.js';
import { addView, boxGlb, boxParts, type GlbParts, packGlb } from '../support/glb-builder.js';

const image = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#fff' } })
  .png()
  .toBuffer();
const avif = await sharp(image).avif().toBuffer();
const drawn = checkGlb(boxGlb(undefined, { image }));

/** The box with one more image, which its texture names in an extension. */
function withSecondImage(bytes: Uint8Array, extension: string): Buffer {
  const parts = boxParts({ image });
  const source = parts.json.images.push({ bufferView: addView(parts, bytes), mimeType: 'image/x' }) - 1;
  parts.json.textures[0].extensions = { [extension]: { source } };
  parts.json.extensionsUsed = [extension];
  return packGlb(parts.json, parts.bin);
}

const unused: readonly [string, (parts: GlbParts) => void][] = [
  ['a material that names a missing texture', ({ json }) => json.materials.push({ normalTexture: { index: 77 } })],
  ['a material of no known form', ({ json }) => json.materials.push({ alphaMode: 'FOG', emissiveFactor: 'red' })],
  ['a texture of an image nobody reads', ({ json }) => json.textures.push({ extensions: { EXT_texture_avif: {} } })],
  [
    'a sampler of no known filter',
    ({ json }) => {
      json.samplers = [{ magFilter: 1 }];
    },
  ],
  ['a mesh without positions', ({ json }) => json.meshes.push({ primitives: [{ attributes: { NORMAL: 0 } }] })],
  ['a mesh without primitives', ({ json }) => json.meshes.push({ primitives: [] })],
  ['an accessor past its buffer view', ({ json }) => json.accessors.push({ ...json.accessors[0], count: 1e9 })],
  ['an accessor of double precision', ({ json }) => json.accessors.push({ ...json.accessors[0], componentType: 5130 })],
  ['a buffer view past its buffer', ({ json }) => json.bufferViews.push({ buffer: 0, byteLength: 1e9 })],
  ['a buffer view of no buffer', ({ json }) => json.bufferViews.push({ buffer: 9, byteLength: 4 })],
  [
    'a skin of joints outside the scene',
    ({ json }) => {
      json.skins = [{ joints: [55] }];
    },
  ],
  [
    'nodes outside the scene that are a circle',
    ({ json }) => {
      json.nodes.push({ children: [2], mesh: 42, skin: 6 }, { children: [1] });
    },
  ],
  ['a scene of missing nodes', ({ json }) => json.scenes.push({ nodes: [123] })],
  [
    'lines beside the triangles',
    ({ json }) => {
      json.meshes[0].primitives.push({ mode: 1, attributes: { POSITION: 99 }, material: 99, targets: [{}] });
    },
  ],
  [
    'what an unlit material says of its surface',
    ({ json }) => {
      json.materials[0].normalTexture = { index: 77, texCoord: 5 };
      json.materials[0].pbrMetallicRoughness.metallicRoughnessTexture = { index: 78 };
      json.materials[0].extensions = {
        KHR_materials_unlit: {},
        KHR_materials_clearcoat: { clearcoatTexture: { index: 79 } },
      };
    },
  ],
  [
    'an animation and a camera of no sense',
    ({ json }) => {
      json.animations = [{ channels: 3 }];
      json.cameras = ['x'];
    },
  ],
  [
    'joints of a mesh that no skin moves',
    ({ json }) => {
      Object.assign(json.meshes[0].primitives[0].attributes, { JOINTS_0: 0, WEIGHTS_0: 77 });
    },
  ],
  [
    'texture coordinates that its material does not use',
    ({ json }) => {
      Object.assign(json.meshes[0].primitives[0].attributes, { TEXCOORD_1: 0, TEXCOORD_7: 77 });
    },
  ],
];

describe('what is not drawn decides nothing', () => {
  it.each(unused)('accepts %s', (_what, bend) => {
    const check = checkGlb(boxGlb(bend, { image }));
    expect(check).toMatchObject({ ok: true, facts: { triangles: 12, vertices: 24, meshes: 1, nodes: 1 } });
  });

  it('accepts any weights for morph targets of points', () => {
    const glb = boxGlb(({ json }) => {
      json.meshes.push({ primitives: [{ mode: 0, attributes: { POSITION: 0 }, targets: [{ POSITION: 0 }] }] });
      json.nodes[0].children = [json.nodes.push({ mesh: 1, weights: [1] }) - 1];
    });
    expect(checkGlb(glb)).toMatchObject({ ok: true, facts: { meshes: 1, nodes: 2 } });
  });

  it('accepts whatever else stands in the lists', () => {
    const lists = [
      'scenes',
      'nodes',
      'meshes',
      'accessors',
      'bufferViews',
      'textures',
      'samplers',
      'materials',
      'skins',
    ];
    const extra = fc.tuple(fc.constantFrom(...lists, 'animations', 'cameras', 'extras'), fc.jsonValue({ maxDepth: 2 }));
    fc.assert(
      fc.property(fc.array(extra, { minLength: 1, maxLength: 5 }), (extras) => {
        const { json, bin } = boxParts({ image });
        for (const [list, value] of extras) json[list] = [...(json[list] ?? []), value];
        const check = checkGlb(packGlb(json, bin));
        expect(check.ok && drawn.ok && { ...check.facts, bytes: 0 }).toEqual(drawn.ok && { ...drawn.facts, bytes: 0 });
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['AVIF', 'EXT_texture_avif', avif],
    ['DDS', 'MSFT_texture_dds', Buffer.from('DDS |')],
    ['garbage', 'ACME_texture', Buffer.alloc(16)],
    ['WebP that is damaged', 'EXT_texture_webp', Buffer.from('RIFF....WEBP....')],
    ['KTX2 without Basis Universal', 'KHR_texture_basisu', foreignKtx2()],
  ])('shows the PNG beside an image that is %s', (_what, extension, bytes) => {
    expect(checkGlb(withSecondImage(bytes, extension))).toMatchObject({
      ok: true,
      facts: { images: 2, imagePixels: 64 },
    });
  });

  it.each<[string, (parts: GlbParts) => void]>([
    ['past the end of its buffer', ({ json }) => Object.assign(json.bufferViews[5], { byteLength: 1e9 })],
    ['in no buffer view', ({ json }) => Object.assign(json.images[1], { bufferView: 77 })],
    ['of no known form', ({ json }) => Object.assign(json.images[1], { bufferView: 'five' })],
  ])('shows the PNG beside an image that is %s', (_what, bend) => {
    const parts = boxParts({ image });
    parts.json.images.push({ bufferView: addView(parts, Buffer.alloc(16)) });
    parts.json.textures[0].extensions = { EXT_texture_webp: { source: 1 } };
    bend(parts);
    expect(checkGlb(packGlb(parts.json, parts.bin))).toMatchObject({ ok: true });
    parts.json.textures[0] = { source: 1 };
    expect(checkGlb(packGlb(parts.json, parts.bin))).toMatchObject({ ok: false });
  });

  it('refuses such an image where there is nothing beside it', () => {
    const alone = boxGlb(
      ({ json }) => {
        json.textures = [{ extensions: { EXT_texture_webp: { source: 0 } } }];
      },
      { image: avif },
    );
    expect(checkGlb(alone)).toMatchObject({ code: 'image_format', message: expect.stringContaining('AVIF') });
  });

  it('still refuses what is outside of the file, or too large, wherever it stands', () => {
    const external = boxGlb(({ json }) => json.images.push({ uri: 'http://x/y.png' }), { image });
    expect(checkGlb(external)).toMatchObject({ code: 'external_uri', fault: { where: 'images[1].uri' } });
    const bomb = Buffer.from(image);
    bomb.writeUInt32BE(30_000, 16);
    expect(checkGlb(withSecondImage(bomb, 'ACME_texture'))).toMatchObject({ code: 'image_too_large' });
  });

  it('counts and judges what the scene does draw, from any place in the lists', () => {
    const behind = boxGlb(
      ({ json }) => {
        json.scenes.unshift({ nodes: [99] });
        json.scene = 1;
        json.materials.unshift({ alphaMode: 'FOG' });
        json.meshes[0].primitives[0].material = 1;
      },
      { image },
    );
    expect(checkGlb(behind)).toMatchObject({ ok: true });
    const used = boxGlb(
      ({ json }) => {
        json.materials.push({ alphaMode: 'FOG' });
        json.meshes[0].primitives[0].material = 1;
      },
      { image },
    );
    expect(checkGlb(used)).toMatchObject({ code: 'bad_json', fault: { where: 'materials[1].alphaMode' } });
  });
});

function foreignKtx2(): Buffer {
  const ktx2 = Buffer.alloc(104);
  ktx2.set([0xab, 0x4b, 0x54, 0x58, 0x20, 0x32, 0x30, 0xbb, 0x0d, 0x0a, 0x1a, 0x0a]);
  ktx2.writeUInt32LE(37, 12);
  return ktx2;
}
