import { DRACO } from './extensions.js';
import type { Gltf, GltfMesh, GltfPrimitive } from './gltf-schema.js';
import type { GltfReader } from './json.js';
import { texCoordsOf, textureInfosOf } from './materials.js';

/**
 * Reads what the nodes of the scene draw, and nothing else: a mesh, material, accessor or skin that nothing drawn refers
 * to decides nothing, whatever it holds. What a reference leads to is for the checks to say. Images are read by
 * themselves, because a texture may have several and shows one.
 *
 * @param nodes - The scene's nodes, all of them read.
 * @throws GlbRefused `bad_json`, `bad_accessor`, `bad_buffer`, `too_complex`
 */
export function readDrawn(reader: GltfReader, nodes: ReadonlySet<number>): Gltf {
  const skinned = new Map<number, boolean>();
  for (const index of nodes) {
    const { mesh, skin } = reader.lists.nodes[index] ?? {};
    if (mesh === undefined) continue;
    skinned.set(mesh, skin !== undefined || skinned.get(mesh) === true);
    if (skin !== undefined) readAccessor(reader, reader.read('skins', skin)?.inverseBindMatrices);
  }
  const meshes = [...reader.lists.meshes];
  const materials = new Map<number, ReadonlySet<string>>();
  for (const [index, isSkinned] of skinned) {
    const mesh = reader.read('meshes', index);
    if (mesh) meshes[index] = readMesh(reader, mesh, isSkinned, materials);
  }
  // A skin moves the mesh of its own node: without one, nothing.
  const moved = reader.lists.nodes.map((node) =>
    node?.mesh === undefined && node?.skin !== undefined ? { ...node, skin: undefined } : node,
  );
  return { ...reader.head, ...reader.lists, nodes: moved, meshes };
}

/** @param materials - The texture coordinates that the materials read so far use, as attributes; it grows. */
function readMesh(
  reader: GltfReader,
  mesh: GltfMesh,
  isSkinned: boolean,
  materials: Map<number, ReadonlySet<string>>,
): GltfMesh {
  const primitives = mesh.primitives.map((primitive) => {
    const { material = -1 } = primitive;
    const texCoords = materials.get(material) ?? readMaterial(reader, material);
    materials.set(material, texCoords);
    const drawn = withDrawnAttributes(primitive, isSkinned, texCoords);
    for (const attributes of [drawn.attributes, ...(drawn.targets ?? [])]) {
      for (const accessor of Object.values(attributes)) readAccessor(reader, accessor);
    }
    readAccessor(reader, drawn.indices);
    readView(reader, drawn.extensions?.[DRACO]?.bufferView);
    return drawn;
  });
  return { ...mesh, primitives };
}

/**
 * Drops joints and weights where no skin moves the mesh, texture coordinates that its material does not use, and what
 * morph targets would add to attributes that are not there.
 */
function withDrawnAttributes(
  primitive: GltfPrimitive,
  isSkinned: boolean,
  texCoords: ReadonlySet<string>,
): GltfPrimitive {
  const isDrawn = (name: string) =>
    name.startsWith('TEXCOORD_') ? texCoords.has(name) : isSkinned || !/^(?:JOINTS|WEIGHTS)_/.test(name);
  const drawn = (attributes: GltfPrimitive['attributes']) =>
    Object.fromEntries(Object.entries(attributes).filter(([name]) => isDrawn(name) && name in primitive.attributes));
  const draco = primitive.extensions?.[DRACO];
  return {
    ...primitive,
    attributes: drawn(primitive.attributes),
    targets: primitive.targets?.map(drawn),
    ...(draco && { extensions: { [DRACO]: { ...draco, attributes: drawn(draco.attributes) } } }),
  };
}

/** @returns The texture coordinates that the material uses, as attributes. */
function readMaterial(reader: GltfReader, index: number): ReadonlySet<string> {
  const material = reader.read('materials', index);
  if (!material) return new Set();
  for (const { info } of textureInfosOf(material)) {
    const texture = reader.read('textures', info.index);
    if (texture?.sampler !== undefined) reader.read('samplers', texture.sampler);
  }
  return new Set(texCoordsOf(material).map((set) => `TEXCOORD_${set}`));
}

function readAccessor(reader: GltfReader, index: number | undefined): void {
  const accessor = index === undefined ? undefined : reader.read('accessors', index);
  readView(reader, accessor?.bufferView);
  readView(reader, accessor?.sparse?.indices.bufferView);
  readView(reader, accessor?.sparse?.values.bufferView);
}

function readView(reader: GltfReader, index: number | undefined): void {
  if (index !== undefined) reader.read('bufferViews', index);
}
