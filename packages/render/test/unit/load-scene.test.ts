import { MeshoptEncoder } from 'meshoptimizer';
import { type Mesh, SkinnedMesh } from 'three';
import { describe, expect, it } from 'vitest';
import { addView, boxGlb, boxParts, type LooseGltf, packGlb } from '../support/glb-builder.js';
import { loadedMeshes, valuesOf } from '../support/loaded-meshes.js';

const VERTICES = 24;
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

const floats = (values: readonly number[]) => Buffer.from(new Float32Array(values).buffer);

/** Joints and weights for the box's mesh, and a skin of node 1. */
function addSkin(json: LooseGltf): void {
  const vec4 = { count: VERTICES, type: 'VEC4' };
  const JOINTS_0 = json.accessors.push({ ...vec4, componentType: 5121 }) - 1;
  const WEIGHTS_0 = json.accessors.push({ ...vec4, componentType: 5126 }) - 1;
  Object.assign(json.meshes[0].primitives[0].attributes, { JOINTS_0, WEIGHTS_0 });
  json.skins = [{ joints: [1] }];
}

describe('what three makes of what it reads', () => {
  it('moves nothing by what a morph target leaves out', async () => {
    const glb = boxGlb(({ json }) => {
      json.meshes[0].primitives[0].targets = [{ POSITION: 1 }, { NORMAL: 1 }, {}];
      json.meshes[0].weights = [0, 1, 1];
    });
    const [mesh] = await loadedMeshes(glb);
    const { position = [], normal = [] } = mesh?.geometry.morphAttributes ?? {};
    expect(
      [position, normal].map((targets) => targets.map(({ array }) => [...array].some((value) => value !== 0))),
    ).toEqual([
      [true, false, false],
      [false, true, false],
    ]);
  });

  it('draws a mesh whose targets move only what is not drawn', async () => {
    const glb = boxGlb(({ json }) => {
      json.meshes[0].primitives[0].targets = [{ TEXCOORD_0: 2 }];
      json.meshes[0].weights = [0.5];
      json.nodes[0].weights = [1];
    });
    const [mesh] = await loadedMeshes(glb);
    expect(mesh?.geometry.morphAttributes).toEqual({});
  });

  it('finds texture coordinates of any number, for each material its own', async () => {
    const parts = boxParts();
    const { json } = parts;
    const uv = floats(Array.from({ length: 48 }, (_, i) => i / 64));
    json.accessors.push({ bufferView: addView(parts, uv), componentType: 5126, count: VERTICES, type: 'VEC2' });
    json.images = [{ uri: `data:image/png;base64,${PNG}` }];
    json.textures = [{ source: 0 }];
    const transformed = {
      index: 0,
      texCoord: 0,
      extensions: { KHR_texture_transform: { texCoord: 9, scale: [2, 2] } },
    };
    json.extensionsUsed = ['KHR_texture_transform'];
    json.materials = [
      { pbrMetallicRoughness: { baseColorTexture: { index: 0, texCoord: 9 } }, emissiveTexture: { index: 0 } },
      { pbrMetallicRoughness: { baseColorTexture: transformed } },
    ];
    const { indices } = json.meshes[0].primitives[0];
    const attributes = { POSITION: 0, NORMAL: 1, TEXCOORD_0: 2, TEXCOORD_4: 2, TEXCOORD_9: 4 };
    json.meshes[0].primitives = [0, 1].map((material) => ({ attributes, indices, material }));

    const shown = (await loadedMeshes(packGlb(json, parts.bin))).map(({ geometry, material }) => {
      const { map, emissiveMap } = material as unknown as Record<string, { channel: number } | null>;
      const read = (texture: { channel: number } | null | undefined) =>
        texture && valuesOf(geometry, texture.channel === 0 ? 'uv' : `uv${texture.channel}`);
      return { map: read(map), emissiveMap: read(emissiveMap), names: Object.keys(geometry.attributes) };
    });
    const ninth = Array.from({ length: 48 }, (_, i) => i / 64);
    const first = Array.from({ length: 48 }, (_, i) => parts.bin.readFloatLE(24 * 24 + 4 * i));
    expect(shown).toEqual([
      { map: ninth, emissiveMap: first, names: ['position', 'normal', 'uv', 'uv1'] },
      { map: ninth, emissiveMap: null, names: ['position', 'normal', 'uv'] },
    ]);
  });

  it('reads a texture as colours in one place of a material and as numbers in another', async () => {
    const glb = boxGlb(({ json }) => {
      json.images = [{ uri: `data:image/png;base64,${PNG}` }];
      json.textures = [{ source: 0 }];
      const texture = { index: 0 };
      json.materials[0] = {
        pbrMetallicRoughness: { baseColorTexture: texture, metallicRoughnessTexture: texture },
        occlusionTexture: texture,
        emissiveTexture: texture,
        extensions: { KHR_materials_clearcoat: { clearcoatTexture: texture } },
      };
    });
    const [mesh] = await loadedMeshes(glb);
    const maps = mesh?.material as unknown as Record<string, { colorSpace: string } | undefined>;
    const names = ['map', 'emissiveMap', 'roughnessMap', 'metalnessMap', 'aoMap', 'clearcoatMap'];
    expect(names.map((name) => maps[name]?.colorSpace)).toEqual(['srgb', 'srgb', '', '', '', '']);
  });

  it('keeps the texture coordinates that an anisotropic material has its direction from', async () => {
    const glb = boxGlb(({ json }) => {
      json.materials[0].extensions = { KHR_materials_anisotropy: { anisotropyStrength: 1 } };
    });
    const [mesh] = await loadedMeshes(glb);
    expect(Object.keys(mesh?.geometry.attributes ?? {})).toContain('uv');
  });

  it('draws a mesh that a skin moves on one node, and none on another', async () => {
    for (const skinned of [0, 2]) {
      const glb = boxGlb(({ json }) => {
        addSkin(json);
        json.nodes = [{ mesh: 0 }, {}, { mesh: 0 }];
        json.nodes[skinned].skin = 0;
        json.scenes[0].nodes = [0, 1, 2];
      });
      const kinds = (await loadedMeshes(glb)).map((mesh: Mesh) => mesh instanceof SkinnedMesh);
      expect(kinds).toEqual([false, true]);
    }
    const meshless = boxGlb(({ json }) => {
      addSkin(json);
      json.nodes = [{ mesh: 0 }, {}, { skin: 7, children: [] }];
      json.scenes[0].nodes = [0, 1, 2];
    });
    expect(await loadedMeshes(meshless)).toHaveLength(1);
  });

  it('moves a skinned mesh by its joints alone, and turns its faces round where they do', async () => {
    const mirror = { scale: [-1, 1, 1] };
    const placed = async (bend: (json: LooseGltf) => void) => {
      const glb = boxGlb(({ json }) => {
        addSkin(json);
        json.nodes = [{ mesh: 0, skin: 0 }, {}];
        json.scenes[0].nodes = [0, 1];
        bend(json);
      });
      const [mesh] = await loadedMeshes(glb);
      mesh?.updateWorldMatrix(true, false);
      return Math.sign(mesh?.matrixWorld.determinant() ?? 0);
    };
    const signs = [
      await placed(({ nodes }) => Object.assign(nodes[0], mirror)),
      await placed(({ nodes }) => Object.assign(nodes[0], { scale: [0, 0, 0] })),
      await placed(({ nodes }) => Object.assign(nodes[1], mirror)),
      await placed(({ nodes, scenes }) => {
        scenes[0].nodes = [nodes.push({ ...mirror, children: [0, 1] }) - 1];
      }),
    ];
    expect(signs).toEqual([1, 1, -1, -1]);
  });

  it('leaves out what a morph target would add to an attribute that is not there', async () => {
    const glb = boxGlb(({ json }) => {
      json.accessors.push({ componentType: 5121, normalized: true, count: VERTICES, type: 'VEC4' });
      const [primitive] = json.meshes[0].primitives;
      const { NORMAL: _, ...bare } = primitive.attributes;
      json.meshes[0].primitives = [
        { ...primitive, targets: [{ NORMAL: 1, COLOR_0: 4 }] },
        { ...primitive, attributes: bare, targets: [{ NORMAL: 1, COLOR_0: 4 }] },
      ];
      json.nodes[0].weights = [1];
    });
    const meshes = await loadedMeshes(glb);
    expect(meshes.map(({ geometry }) => Object.keys(geometry.morphAttributes))).toEqual([
      ['position', 'normal'],
      ['position'],
    ]);
    expect(meshes.map((mesh: Mesh) => mesh.morphTargetInfluences)).toEqual([[1], [1]]);
  });

  it('reads extensions that a file uses without saying so', async () => {
    const glb = boxGlb(({ json }) => {
      json.materials[0].extensions = { KHR_materials_unlit: {} };
    });
    const [mesh] = await loadedMeshes(glb);
    expect(mesh?.material.type).toBe('MeshBasicMaterial');
  });

  it.each([
    ['EXT_meshopt_compression', 0],
    ['KHR_meshopt_compression', 0],
    ['KHR_meshopt_compression', 1],
  ] as const)('reads %s of version %i, its colours filtered', async (name, version) => {
    await MeshoptEncoder.ready;
    const parts = boxParts();
    const { json } = parts;
    json.extensionsUsed = [name];
    json.extensionsRequired = [name];
    const stored = json.buffers.push({ byteLength: 1000, extensions: { [name]: { fallback: true } } }) - 1;
    const addPacked = (bytes: Uint8Array, byteStride: number, filter?: 'COLOR') => {
      const packed = MeshoptEncoder.encodeVertexBufferLevel(bytes, VERTICES, byteStride, 2, version);
      const { byteOffset, byteLength } = json.bufferViews[addView(parts, Buffer.from(packed))];
      const facts = { buffer: 0, byteOffset, byteLength, byteStride, count: VERTICES, mode: 'ATTRIBUTES', filter };
      const view = { buffer: stored, byteLength: VERTICES * byteStride, byteStride, extensions: { [name]: facts } };
      return json.bufferViews.push(view) - 1;
    };
    const positions = new Uint8Array(parts.bin.subarray(0, VERTICES * 12));
    json.accessors[0].bufferView = addPacked(positions, 12);
    const colours = new Float32Array(Array.from({ length: VERTICES }, (_, i) => [i / 23, 0.5, 0, 1]).flat());
    const filtered = name === 'KHR_meshopt_compression';
    if (filtered) {
      const bufferView = addPacked(MeshoptEncoder.encodeFilterColor(colours, VERTICES, 4, 8), 4, 'COLOR');
      json.accessors.push({ bufferView, componentType: 5121, normalized: true, count: VERTICES, type: 'VEC4' });
      json.meshes[0].primitives[0].attributes.COLOR_0 = 4;
    }
    const [mesh] = await loadedMeshes(packGlb(json, parts.bin));
    if (!mesh) throw new Error('nothing is drawn');
    expect(valuesOf(mesh.geometry, 'position')).toEqual([...new Float32Array(positions.buffer)]);
    for (const [i, value] of (filtered ? valuesOf(mesh.geometry, 'color') : []).entries()) {
      expect(Math.abs(value - (colours[i] ?? 0))).toBeLessThan(0.02);
    }
  });
});
