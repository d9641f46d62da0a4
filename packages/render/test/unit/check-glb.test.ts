import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { sharedData } from '../../../../test-support/shared-data.js';
import { checkGlb, GLB_CAPS, GLB_LIMITS_DEFAULTS, type GlbFaultCode } from '../../src/index.js';
import { addView, boxGlb, boxParts, type GlbParts, type LooseGltf, packGlb } from '../support/glb-builder.js';

const png = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#fff' } })
  .png()
  .toBuffer();

/** A PNG's header that claims a size, with nothing behind it. */
function claims(width: number, height: number): Buffer {
  const header = Buffer.from(png);
  header.writeUInt32BE(width, 16);
  header.writeUInt32BE(height, 20);
  return header;
}

function chain(length: number): object[] {
  return Array.from({ length }, (_, i) => (i + 1 < length ? { children: [i + 1] } : { mesh: 0 }));
}

function withImages(json: LooseGltf, count: number): void {
  json.images = Array.from({ length: count }, () => ({ ...json.images[0] }));
}

function colours(json: LooseGltf, accessor: object): void {
  json.accessors.push({ bufferView: 0, count: 24, type: 'VEC4', ...accessor });
  json.meshes[0].primitives[0].attributes.COLOR_0 = json.accessors.length - 1;
}

function skin(json: LooseGltf, joints: object, weights: object): void {
  const accessors = [joints, weights].map((one) => ({ bufferView: 0, count: 24, type: 'VEC4', ...one }));
  Object.assign(json.meshes[0].primitives[0].attributes, {
    JOINTS_0: json.accessors.push(...accessors) - 2,
    WEIGHTS_0: json.accessors.length - 1,
  });
  json.skins = [{ joints: [0] }];
  json.nodes[0].skin = 0;
}

type Bend = (parts: GlbParts) => void;

const refusals: readonly [what: string, code: GlbFaultCode, bend: Bend][] = [
  ['no asset', 'bad_json', ({ json }) => delete json.asset],
  [
    'glTF 1.0',
    'bad_json',
    ({ json }) => {
      json.asset.version = '1.0';
    },
  ],
  [
    'a node that is a string',
    'bad_json',
    ({ json }) => {
      json.nodes[0] = 'x';
    },
  ],
  [
    'a scale beyond all numbers',
    'bad_json',
    ({ json }) => {
      json.nodes[0].scale = ['1e999', 1, 1];
    },
  ],
  [
    'a child that does not exist',
    'bad_json',
    ({ json }) => {
      json.nodes[0].children = [7];
    },
  ],
  [
    'a mesh that does not exist',
    'bad_json',
    ({ json }) => {
      json.nodes[0].mesh = 7;
    },
  ],
  [
    'a material that does not exist',
    'bad_json',
    ({ json }) => {
      json.meshes[0].primitives[0].material = 7;
    },
  ],
  [
    'a texture that does not exist',
    'bad_json',
    ({ json }) => {
      json.materials[0].pbrMetallicRoughness.baseColorTexture = { index: 7 };
    },
  ],
  [
    'a texture in an extension that does not exist',
    'bad_json',
    ({ json }) => {
      json.materials[0].extensions = { KHR_materials_sheen: { sheenColorTexture: { index: 7 } } };
    },
  ],
  [
    'a skin that does not exist',
    'bad_json',
    ({ json }) => {
      json.nodes[0].skin = 0;
    },
  ],
  [
    'joints outside the scene',
    'bad_json',
    ({ json }) => {
      json.nodes.push({});
      json.skins = [{ joints: [1] }];
      json.nodes[0].skin = 0;
    },
  ],
  [
    'a buffer with an address',
    'external_uri',
    ({ json }) => {
      json.buffers.push({ uri: 'http://127.0.0.1/x', byteLength: 1 });
    },
  ],
  [
    'a buffer in a data: URI',
    'external_uri',
    ({ json }) => {
      json.buffers[0].uri = 'data:application/octet-stream;base64,AAAA';
    },
  ],
  [
    'an image with an address',
    'external_uri',
    ({ json }) => {
      json.images[0] = { uri: 'file:///etc/passwd' };
    },
  ],
  [
    'an image in a large data: URI',
    'external_uri',
    ({ json }) => {
      json.images[0] = { uri: `data:image/png;base64,${'A'.repeat(GLB_CAPS.dataUriChars)}` };
    },
  ],
  [
    'a data: URI that is no image',
    'external_uri',
    ({ json }) => {
      json.images[0] = { uri: 'data:text/html;base64,AAAA' };
    },
  ],
  [
    'a buffer longer than the file',
    'bad_buffer',
    ({ json }) => {
      json.buffers[0].byteLength = 1e6;
    },
  ],
  [
    'a second buffer',
    'bad_buffer',
    ({ json }) => {
      json.buffers.push({ byteLength: 4 });
    },
  ],
  [
    'a buffer view past its buffer',
    'bad_buffer',
    ({ json }) => {
      json.bufferViews[0].byteOffset = 1e5;
    },
  ],
  [
    'a buffer view of no buffer',
    'bad_buffer',
    ({ json }) => {
      json.bufferViews[0].buffer = 3;
    },
  ],
  [
    'a buffer view of negative length',
    'bad_buffer',
    ({ json }) => {
      json.bufferViews[0].byteLength = -4;
    },
  ],
  [
    'meshopt data that unpack to another size',
    'bad_buffer',
    ({ json }) => {
      json.bufferViews[0].extensions = {
        EXT_meshopt_compression: { buffer: 0, byteLength: 8, byteStride: 12, count: 1e9, mode: 'ATTRIBUTES' },
      };
    },
  ],
  [
    'Draco data that do not exist',
    'bad_buffer',
    ({ json }) => {
      json.meshes[0].primitives[0].extensions = { KHR_draco_mesh_compression: { bufferView: 99, attributes: {} } };
    },
  ],
  [
    'meshopt data of a stride that the mode does not have',
    'bad_buffer',
    ({ json }) => {
      json.bufferViews[3].extensions = {
        KHR_meshopt_compression: { buffer: 0, byteLength: 8, byteStride: 3, count: 24, mode: 'INDICES' },
      };
    },
  ],
  [
    'more elements than the buffer view has',
    'bad_accessor',
    ({ json }) => {
      json.accessors[3].count = 4_000_000_000;
    },
  ],
  [
    'a negative count',
    'bad_accessor',
    ({ json }) => {
      json.accessors[3].count = -1;
    },
  ],
  [
    'an unknown component type',
    'bad_accessor',
    ({ json }) => {
      json.accessors[0].componentType = 5130;
    },
  ],
  [
    'an accessor that is not aligned',
    'bad_accessor',
    ({ json }) => {
      json.accessors[0].byteOffset = 2;
      json.accessors[0].count = 23;
    },
  ],
  [
    'an accessor of a missing buffer view',
    'bad_accessor',
    ({ json }) => {
      json.accessors[0].bufferView = 99;
    },
  ],
  [
    'elements larger than their stride',
    'bad_accessor',
    ({ json }) => {
      json.bufferViews[0].byteStride = 8;
    },
  ],
  [
    'sparse values past their buffer view',
    'bad_accessor',
    ({ json }) => {
      json.accessors[0].sparse = {
        count: 24,
        indices: { bufferView: 3, componentType: 5123 },
        values: { bufferView: 3 },
      };
    },
  ],
  [
    'positions that are pairs',
    'bad_accessor',
    ({ json }) => {
      json.accessors[0].type = 'VEC2';
    },
  ],
  [
    'no positions',
    'bad_accessor',
    ({ json }) => {
      delete json.meshes[0].primitives[0].attributes.POSITION;
    },
  ],
  [
    'fewer normals than positions',
    'bad_accessor',
    ({ json }) => {
      json.accessors[1].count = 20;
    },
  ],
  [
    'floating-point indices',
    'bad_accessor',
    ({ json }) => {
      json.meshes[0].primitives[0].indices = 0;
    },
  ],
  ['integer colours that are not normalized', 'bad_accessor', ({ json }) => colours(json, { componentType: 5121 })],
  [
    'colours of 32-bit integers',
    'bad_accessor',
    ({ json }) => colours(json, { componentType: 5125, normalized: true }),
  ],
  [
    'integer texture coordinates that are not normalized',
    'bad_accessor',
    ({ json }) => {
      Object.assign(json.accessors[2], { componentType: 5123 });
    },
  ],
  [
    'joints that are normalized',
    'bad_accessor',
    ({ json }) => skin(json, { componentType: 5121, normalized: true }, { componentType: 5126, bufferView: undefined }),
  ],
  [
    'integer weights that are not normalized',
    'bad_accessor',
    ({ json }) => skin(json, { componentType: 5121 }, { componentType: 5121 }),
  ],
  [
    'more sets of texture coordinates than can be shown',
    'too_complex',
    ({ json }) => {
      const at = (texCoord: number) => ({ index: 0, texCoord });
      json.materials[0] = {
        ...{ pbrMetallicRoughness: { baseColorTexture: at(1), metallicRoughnessTexture: at(2) } },
        ...{ normalTexture: at(3), occlusionTexture: at(4), emissiveTexture: at(5) },
      };
    },
  ],
  [
    'weights of a node that do not fit its morph targets',
    'bad_json',
    ({ json }) => {
      json.nodes[0].weights = [1];
    },
  ],
  [
    'no scene',
    'no_scene',
    ({ json }) => {
      delete json.scenes;
    },
  ],
  [
    'a default scene that does not exist',
    'no_scene',
    ({ json }) => {
      json.scene = 5;
    },
  ],
  [
    'no mesh on any node',
    'no_mesh',
    ({ json }) => {
      delete json.nodes[0].mesh;
    },
  ],
  [
    'a scene without nodes',
    'no_mesh',
    ({ json }) => {
      json.scenes[0].nodes = [];
    },
  ],
  [
    'only points',
    'no_mesh',
    ({ json }) => {
      json.meshes[0].primitives[0].mode = 0;
    },
  ],
  [
    'a node that is its own child',
    'node_cycle',
    ({ json }) => {
      json.nodes[0].children = [0];
    },
  ],
  [
    "two nodes that are each other's children",
    'node_cycle',
    ({ json }) => {
      json.nodes = [{ children: [1] }, { children: [0], mesh: 0 }];
    },
  ],
  [
    'a node with two parents',
    'node_cycle',
    ({ json }) => {
      json.nodes = [{ children: [2] }, { children: [2] }, { mesh: 0 }];
      json.scenes[0].nodes = [0, 1];
    },
  ],
  [
    'a node twice in the scene',
    'node_cycle',
    ({ json }) => {
      json.scenes[0].nodes = [0, 0];
    },
  ],
  [
    'too many nodes',
    'too_complex',
    ({ json }) => {
      json.nodes.push(...Array.from({ length: GLB_CAPS.nodes }, () => ({})));
    },
  ],
  [
    'too deep a chain of nodes',
    'too_complex',
    ({ json }) => {
      json.nodes = chain(GLB_CAPS.depth + 1);
    },
  ],
  [
    'one mesh on too many nodes',
    'too_complex',
    ({ json }) => {
      json.accessors[3] = { componentType: 5125, count: 3_000_000, type: 'SCALAR' };
      json.nodes = [{ mesh: 0 }, { mesh: 0 }, { mesh: 0 }];
      json.scenes[0].nodes = [0, 1, 2];
    },
  ],
  [
    'too many morph targets',
    'too_complex',
    ({ json }) => {
      json.meshes[0].primitives[0].targets = Array.from({ length: 65 }, () => ({ POSITION: 0 }));
    },
  ],
  ['too many images', 'too_many_images', ({ json }) => withImages(json, GLB_CAPS.images + 1)],
  [
    'an image that is text',
    'bad_image',
    ({ bin, json }) => {
      bin.write('hello', json.bufferViews[4].byteOffset);
    },
  ],
  [
    'an image without bytes',
    'bad_image',
    ({ json }) => {
      json.images[0] = {};
    },
  ],
  [
    'a GIF',
    'image_format',
    ({ bin, json }) => {
      bin.write('GIF89a', json.bufferViews[4].byteOffset);
    },
  ],
  [
    'a texture of no supported image',
    'image_format',
    ({ json }) => {
      json.textures[0] = { extensions: { EXT_texture_avif: { source: 0 } } };
    },
  ],
  [
    'a required extension that nobody knows',
    'unsupported_extension',
    ({ json }) => {
      json.extensionsRequired = ['ACME_magic'];
    },
  ],
  [
    'lights of its own',
    'unsupported_extension',
    ({ json }) => {
      json.extensionsRequired = ['KHR_lights_punctual'];
    },
  ],
];

describe('checking a GLB before it is decoded', () => {
  it('accepts a box with an image and counts what it has', () => {
    const glb = boxGlb(undefined, { image: png });
    expect(checkGlb(glb)).toEqual({
      ok: true,
      facts: {
        bytes: glb.length,
        meshes: 1,
        primitives: 1,
        nodes: 1,
        triangles: 12,
        vertices: 24,
        images: 1,
        imagePixels: 64,
      },
    });
  });

  it.each(refusals)('refuses %s: %s', (_what, code, bend) => {
    const parts = boxParts({ image: png });
    bend(parts);
    // JSON cannot say infinity; text can.
    const glb = packGlb(JSON.stringify(parts.json).replace('"1e999"', '1e999'), parts.bin);
    const check = checkGlb(glb);
    expect(check.ok ? check : check.code).toBe(code);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('hello world, this is not a glb file at all')],
    ['half a file', boxGlb().subarray(0, 500)],
    ['a file with more behind it', Buffer.concat([boxGlb(), Buffer.alloc(4)])],
    ['a container of version 1', flip(boxGlb(), 4, 1)],
    ['a chunk longer than the file', flip(boxGlb(), 14, 0xff)],
    ['a first chunk that is not JSON', flip(boxGlb(), 16, 0x41)],
  ])('refuses %s as no GLB', (_what, glb) => {
    expect(checkGlb(glb)).toMatchObject({ ok: false, code: 'not_glb' });
  });

  it.each(['{"asset":', '[]', '"glTF"', 'null', '{"asset":{"version":"2.0"}}\u0000x', '[[[['.repeat(50_000)])(
    'refuses JSON that is no glTF object: %.12s',
    (text) => {
      expect(checkGlb(packGlb(text))).toMatchObject({ ok: false, code: 'bad_json' });
    },
  );

  it.each([
    ['children', `"nodes":[{"children":[${'"",'.repeat(2_000_000)}""]}]`, 'too_complex'],
    ['primitives', `"nodes":[{"mesh":0}],"meshes":[{"primitives":[${'{},'.repeat(2_000_000)}{}]}]`, 'too_complex'],
    ['scenes', `"nodes":[${'{},'.repeat(2_000_000)}{}]`, 'too_complex'],
    [
      'accessors',
      `"nodes":[{"mesh":0}],"meshes":[{"primitives":[{"attributes":{"POSITION":0}}]}],"accessors":[${'{},'.repeat(60_000)}{}]`,
      'bad_accessor',
    ],
  ])('refuses megabytes of broken %s', (_what, lists, code) => {
    const text = `{"asset":{"version":"2.0"},"scenes":[{"nodes":[0]}],${lists}}`;
    expect(checkGlb(packGlb(text))).toMatchObject({ ok: false, code });
  });

  it('refuses megabytes of brackets', () => {
    expect(checkGlb(packGlb('['.repeat(8_000_000)))).toMatchObject({ ok: false, code: 'bad_json' });
  });

  it('refuses a JSON chunk over the cap before parsing it', () => {
    const glb = packGlb(`{"asset":{"version":"2.0"},"x":"${' '.repeat(GLB_CAPS.jsonBytes)}"}`);
    expect(checkGlb(glb)).toMatchObject({ code: 'too_complex' });
  });

  it("holds the rules' own limits", () => {
    const glb = boxGlb(undefined, { image: png });
    const check = (limits: object) => checkGlb(glb, { ...GLB_LIMITS_DEFAULTS, ...limits });
    expect(check({ max_glb_bytes: glb.length - 1 })).toMatchObject({ code: 'too_large', fault: { bytes: glb.length } });
    expect(check({ max_triangles: 11 })).toMatchObject({ code: 'too_complex', fault: { count: 12, limit: 11 } });
    expect(check({ max_meshes: 0 })).toMatchObject({ code: 'too_many_meshes' });
    expect(check({ max_meshes: 1 })).toMatchObject({ ok: true });
    expect(check({ max_image_pixels: 63 })).toMatchObject({ code: 'image_too_large', fault: { pixels: 64 } });
  });

  it('counts a mesh once for every node that shows it', () => {
    const twice = boxGlb(({ json }) => {
      json.nodes.push({ mesh: 0 });
      json.scenes[0].nodes = [0, 1];
    });
    expect(checkGlb(twice)).toMatchObject({ facts: { meshes: 2, triangles: 24 } });
    expect(checkGlb(twice, { ...GLB_LIMITS_DEFAULTS, max_meshes: 1 })).toMatchObject({ code: 'too_many_meshes' });
  });

  it('refuses a decompression bomb by its header', () => {
    expect(checkGlb(boxGlb(undefined, { image: claims(30_000, 30_000) }))).toMatchObject({ code: 'image_too_large' });
  });

  it('refuses an image that is longer than every driver takes, whatever its pixels are', () => {
    const [wide, tall, square] = [claims(16_385, 1), claims(1, 16_385), claims(16_384, 1)];
    for (const image of [wide, tall]) {
      expect(checkGlb(boxGlb(undefined, { image }))).toMatchObject({
        code: 'image_too_large',
        message: 'a side of images[0] has 16385 pixels, at most 16384 allowed',
      });
    }
    expect(checkGlb(boxGlb(undefined, { image: square }))).toMatchObject({ ok: true });
    const { max_image_side: _, ...older } = GLB_LIMITS_DEFAULTS;
    expect(checkGlb(boxGlb(undefined, { image: wide }), older)).toMatchObject({ code: 'image_too_large' });
    const strict = { ...GLB_LIMITS_DEFAULTS, max_image_side: 4 };
    expect(checkGlb(boxGlb(undefined, { image: png }), strict)).toMatchObject({ code: 'image_too_large' });
  });

  it('limits what buffer views would be in memory together, each by itself', () => {
    const megabytes = 4;
    const named = (times: number) =>
      checkGlb(
        boxGlb((parts) => {
          const { json } = parts;
          const [primitive] = json.meshes[0].primitives;
          const view = addView(parts, Buffer.alloc(megabytes * 2 ** 20));
          json.meshes[0].primitives = Array.from({ length: times }, () => {
            const bufferView = json.bufferViews.push(json.bufferViews[view]) - 1;
            const NORMAL = json.accessors.push({ ...json.accessors[1], bufferView }) - 1;
            return { ...primitive, attributes: { ...primitive.attributes, NORMAL } };
          });
        }),
      );
    expect(named(1536 / megabytes - 1)).toMatchObject({ ok: true });
    expect(named(1536 / megabytes)).toMatchObject({ code: 'too_complex', fault: { what: 'bytes of buffer views' } });
  });

  it('limits the pixels of all images together, each as often as the renderer would hold it', () => {
    const nine = boxGlb(({ json }) => withImages(json, 9), { image: claims(4096, 4096) });
    expect(checkGlb(nine)).toMatchObject({ code: 'image_too_large', fault: { where: 'all images together' } });
    const oneWithNineSamplers = boxGlb(
      ({ json }) => {
        json.samplers = Array.from({ length: 9 }, () => ({}));
        json.textures = json.samplers.map((_: object, sampler: number) => ({ source: 0, sampler }));
        json.materials = json.textures.map((_: object, index: number) => ({ emissiveTexture: { index } }));
        const [primitive] = json.meshes[0].primitives;
        json.meshes[0].primitives = json.materials.map((_: object, material: number) => ({ ...primitive, material }));
      },
      { image: claims(4096, 4096) },
    );
    expect(checkGlb(oneWithNineSamplers)).toMatchObject({ code: 'image_too_large' });
  });

  it('accepts a small image inside the JSON', () => {
    const glb = boxGlb(
      ({ json }) => {
        json.images[0] = { uri: `data:image/png;base64,${png.toString('base64')}` };
      },
      { image: png },
    );
    expect(checkGlb(glb)).toMatchObject({ ok: true, facts: { images: 1, imagePixels: 64 } });
  });

  it('tells integer colours without `normalized` as what they are', () => {
    const plain = boxGlb(({ json }) => colours(json, { componentType: 5121 }));
    expect(checkGlb(plain)).toMatchObject({
      message:
        'meshes[0].primitives[0].attributes.COLOR_0 (accessors[4]) holds integers without `normalized`; glTF needs true there',
    });
    for (const componentType of [5121, 5123]) {
      const normalized = boxGlb(({ json }) => colours(json, { componentType, normalized: true }));
      expect(checkGlb(normalized)).toMatchObject({ ok: true });
    }
  });

  it('takes quantised texture coordinates where the file says so', () => {
    const quantised = (used: string[], normalized: boolean) =>
      boxGlb(
        ({ json }) => {
          json.extensionsUsed = used;
          Object.assign(json.accessors[2], { componentType: 5123, normalized });
        },
        { image: png },
      );
    expect(checkGlb(quantised(['KHR_mesh_quantization'], false))).toMatchObject({ ok: true });
    expect(checkGlb(quantised([], true))).toMatchObject({ ok: true });
    expect(checkGlb(quantised([], false))).toMatchObject({ code: 'bad_accessor' });
  });

  it('takes morph targets in the forms that glTF has for differences', () => {
    const morphed = boxGlb(({ json }) => {
      json.accessors.push({ bufferView: 1, componentType: 5126, count: 24, type: 'VEC3' });
      json.accessors.push({ componentType: 5120, normalized: true, count: 24, type: 'VEC4' });
      json.meshes[0].primitives[0].targets = [{ POSITION: 0, NORMAL: 1, TANGENT: 4, COLOR_0: 5, _MINE: 99 }];
    });
    expect(checkGlb(morphed)).toMatchObject({ ok: true, facts: { vertices: 48 } });
  });

  it('tells a list that is longer than we take as a limit of ours', () => {
    const targets = boxGlb(({ json }) => {
      json.meshes[0].primitives[0].targets = Array.from({ length: 65 }, () => ({ POSITION: 0 }));
    });
    expect(checkGlb(targets)).toMatchObject({
      message: 'the file is too complex: entries of meshes[0].primitives[0].targets 65, at most 64 allowed',
    });
    const names = boxGlb(({ json }) => {
      json.meshes[0].primitives[0].attributes[`_${'x'.repeat(500)}`] = 0;
      json.extensionsRequired = ['KHR_animation_pointer', 'KHR_materials_variants', 'KHR_xmp_json_ld'];
    });
    expect(checkGlb(names)).toMatchObject({ ok: true });
  });

  it('says where and why, in one line', () => {
    const check = checkGlb(boxGlb(({ json }) => void json.buffers.push({ uri: 'http://x/y', byteLength: 1 })));
    expect(check).toMatchObject({
      message: 'buffers[1].uri refers outside the file (http://x/y); everything must be in the binary chunk',
    });
  });
});

const hostile: readonly [file: string, code: GlbFaultCode][] = [
  ['empty', 'not_glb'],
  ['garbage', 'not_glb'],
  ['truncated', 'not_glb'],
  ['external-buffer', 'external_uri'],
  ['external-image', 'external_uri'],
  ['huge-index-count', 'bad_accessor'],
  ['no-meshes', 'no_mesh'],
  ['node-cycle', 'node_cycle'],
  ['png-bomb-30000', 'image_too_large'],
  ['image-not-image', 'bad_image'],
  ['deep-json', 'too_complex'],
];

describe.each(hostile)('the hostile sample %s', (name, code) => {
  const file = sharedData(`hostile-glb/${name}.glb`);
  it.skipIf(!file)(`is refused as ${code} (needs TILTYARD_SHARED)`, () => {
    expect(checkGlb(readFileSync(file ?? ''))).toMatchObject({ ok: false, code });
  });
});

function flip(glb: Buffer, at: number, value: number): Buffer {
  glb[at] = value;
  return glb;
}
