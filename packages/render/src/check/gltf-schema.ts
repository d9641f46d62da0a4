import { z } from 'zod';
import { GLB_CAPS } from '../limits.js';
import { DRACO, MESHOPT, MESHOPT_KHR } from './extensions.js';

/** What an issue carries where a list is longer than we take: a limit of ours, and no mistake of the file. */
export interface ListTooLong {
  readonly count: number;
  readonly limit: number;
}

/** A list whose length is looked at before its entries are: zod would parse millions, and keep an issue for each. */
function listOf<T extends z.ZodType>(entry: T, limit: number) {
  return z
    .unknown()
    .check(({ value, issues }) => {
      if (!Array.isArray(value) || value.length <= limit) return;
      const params: ListTooLong = { count: value.length, limit };
      issues.push({ code: 'custom', input: value, message: 'is too long', params, continue: false });
    })
    .pipe(z.array(entry));
}

// Every object of the schema drops what it does not name. What is left is all that the loader behind ever sees: no
// names, extras, cameras, lights, animations, instancing, and no min/max that could make the renderer cull the mesh.

const index = z.int().min(0);
const number = z.number();
const vec2 = z.tuple([number, number]);
const vec3 = z.tuple([number, number, number]);
const vec4 = z.tuple([number, number, number, number]);
const mat4 = listOf(number, 16).refine((values) => values.length === 16, 'must have 16 numbers');

const textureTransform = z.object({
  offset: vec2.optional(),
  rotation: number.optional(),
  scale: vec2.optional(),
  texCoord: index.optional(),
});

const textureInfoShape = {
  index,
  texCoord: index.optional(),
  extensions: z.object({ KHR_texture_transform: textureTransform.optional() }).optional(),
};
const textureInfo = z.object(textureInfoShape);
const normalTexture = z.object({ ...textureInfoShape, scale: number.optional() });
const occlusionTexture = z.object({ ...textureInfoShape, strength: number.optional() });

const materialExtensions = z.object({
  KHR_materials_anisotropy: z
    .object({
      anisotropyStrength: number.optional(),
      anisotropyRotation: number.optional(),
      anisotropyTexture: textureInfo.optional(),
    })
    .optional(),
  KHR_materials_clearcoat: z
    .object({
      clearcoatFactor: number.optional(),
      clearcoatTexture: textureInfo.optional(),
      clearcoatRoughnessFactor: number.optional(),
      clearcoatRoughnessTexture: textureInfo.optional(),
      clearcoatNormalTexture: normalTexture.optional(),
    })
    .optional(),
  KHR_materials_dispersion: z.object({ dispersion: number.optional() }).optional(),
  KHR_materials_emissive_strength: z.object({ emissiveStrength: number.optional() }).optional(),
  KHR_materials_ior: z.object({ ior: number.optional() }).optional(),
  KHR_materials_iridescence: z
    .object({
      iridescenceFactor: number.optional(),
      iridescenceTexture: textureInfo.optional(),
      iridescenceIor: number.optional(),
      iridescenceThicknessMinimum: number.optional(),
      iridescenceThicknessMaximum: number.optional(),
      iridescenceThicknessTexture: textureInfo.optional(),
    })
    .optional(),
  KHR_materials_sheen: z
    .object({
      sheenColorFactor: vec3.optional(),
      sheenColorTexture: textureInfo.optional(),
      sheenRoughnessFactor: number.optional(),
      sheenRoughnessTexture: textureInfo.optional(),
    })
    .optional(),
  KHR_materials_specular: z
    .object({
      specularFactor: number.optional(),
      specularTexture: textureInfo.optional(),
      specularColorFactor: vec3.optional(),
      specularColorTexture: textureInfo.optional(),
    })
    .optional(),
  KHR_materials_transmission: z
    .object({ transmissionFactor: number.optional(), transmissionTexture: textureInfo.optional() })
    .optional(),
  KHR_materials_unlit: z.object({}).optional(),
  KHR_materials_volume: z
    .object({
      thicknessFactor: number.optional(),
      thicknessTexture: textureInfo.optional(),
      // Absent means infinity; zero would divide by it in the shader.
      attenuationDistance: number.positive().optional(),
      attenuationColor: vec3.optional(),
    })
    .optional(),
});

const shadedMaterial = z.object({
  pbrMetallicRoughness: z
    .object({
      baseColorFactor: vec4.optional(),
      baseColorTexture: textureInfo.optional(),
      metallicFactor: number.optional(),
      roughnessFactor: number.optional(),
      metallicRoughnessTexture: textureInfo.optional(),
    })
    .optional(),
  normalTexture: normalTexture.optional(),
  occlusionTexture: occlusionTexture.optional(),
  emissiveTexture: textureInfo.optional(),
  emissiveFactor: vec3.optional(),
  alphaMode: z.enum(['OPAQUE', 'MASK', 'BLEND']).optional(),
  alphaCutoff: number.optional(),
  doubleSided: z.boolean().optional(),
  extensions: materialExtensions.optional(),
});
type ShadedMaterial = z.output<typeof shadedMaterial>;

/** An unlit material shows its base colour; what else it says is for renderers that do not know the extension. */
const material = shadedMaterial.transform((whole): ShadedMaterial => {
  const { pbrMetallicRoughness, alphaMode, alphaCutoff, doubleSided, extensions } = whole;
  if (!extensions?.KHR_materials_unlit) return whole;
  const { baseColorFactor, baseColorTexture } = pbrMetallicRoughness ?? {};
  return {
    pbrMetallicRoughness: { baseColorFactor, baseColorTexture },
    alphaMode,
    alphaCutoff,
    doubleSided,
    extensions: { KHR_materials_unlit: {} },
  };
});

/** Attributes by name; those that are not drawn are dropped unchecked. */
function attributesOf(drawn: RegExp) {
  return z
    .record(z.string(), z.unknown())
    .transform((all) => Object.fromEntries(Object.entries(all).filter(([name]) => drawn.test(name))))
    .pipe(z.record(z.string(), index));
}
const attributes = attributesOf(/^(?:POSITION|NORMAL|TANGENT|TEXCOORD_\d{1,10}|COLOR_0|JOINTS_0|WEIGHTS_0)$/);

const primitive = z.object({
  attributes,
  indices: index.optional(),
  material: index.optional(),
  mode: z.literal([4, 5, 6]).optional(),
  targets: listOf(attributesOf(/^(?:POSITION|NORMAL|COLOR_0)$/), GLB_CAPS.morphTargets).optional(),
  extensions: z.object({ [DRACO]: z.object({ bufferView: index, attributes }).optional() }).optional(),
});

/** Points and lines have no surface, and are not drawn. */
function isDrawn(value: unknown): boolean {
  const mode = (value as { readonly mode?: unknown } | null)?.mode;
  return !(typeof mode === 'number' && [0, 1, 2, 3].includes(mode));
}

const mesh = z.object({
  primitives: listOf(z.unknown(), GLB_CAPS.primitives)
    .refine((list) => list.length > 0, 'has no primitive')
    .transform((list) => list.filter(isDrawn))
    .pipe(z.array(primitive)),
  weights: listOf(number, GLB_CAPS.morphTargets).optional(),
});

const node = z.object({
  children: listOf(index, GLB_CAPS.nodes).optional(),
  mesh: index.optional(),
  skin: index.optional(),
  matrix: mat4.optional(),
  translation: vec3.optional(),
  rotation: vec4.optional(),
  scale: vec3.optional(),
  weights: listOf(number, GLB_CAPS.morphTargets).optional(),
});

const componentType = z.literal([5120, 5121, 5122, 5123, 5125, 5126]);

const accessor = z.object({
  bufferView: index.optional(),
  byteOffset: index.optional(),
  componentType,
  normalized: z.boolean().optional(),
  count: z.int().min(1),
  type: z.enum(['SCALAR', 'VEC2', 'VEC3', 'VEC4', 'MAT2', 'MAT3', 'MAT4']),
  sparse: z
    .object({
      count: z.int().min(1),
      indices: z.object({
        bufferView: index,
        byteOffset: index.optional(),
        componentType: z.literal([5121, 5123, 5125]),
      }),
      values: z.object({ bufferView: index, byteOffset: index.optional() }),
    })
    .optional(),
});

const meshopt = z.object({
  buffer: index,
  byteOffset: index.optional(),
  byteLength: z.int().min(1),
  byteStride: z.int().min(1).max(256),
  count: z.int().min(1),
  mode: z.enum(['ATTRIBUTES', 'TRIANGLES', 'INDICES']),
  filter: z.enum(['NONE', 'OCTAHEDRAL', 'QUATERNION', 'EXPONENTIAL', 'COLOR']).optional(),
});

const bufferView = z.object({
  buffer: index,
  byteOffset: index.optional(),
  byteLength: z.int().min(1),
  byteStride: z.int().min(4).max(252).optional(),
  extensions: z.object({ [MESHOPT]: meshopt.optional(), [MESHOPT_KHR]: meshopt.optional() }).optional(),
});

const standIn = z.object({ fallback: z.boolean().optional() }).optional();

const buffer = z.object({
  uri: z.string().optional(),
  byteLength: z.int().min(1),
  extensions: z.object({ [MESHOPT]: standIn, [MESHOPT_KHR]: standIn }).optional(),
});

const image = z.object({
  uri: z.string().optional(),
  bufferView: index.optional(),
});

const textureSource = z.object({ source: index });

const texture = z.object({
  sampler: index.optional(),
  source: index.optional(),
  extensions: z
    .object({ KHR_texture_basisu: textureSource.optional(), EXT_texture_webp: textureSource.optional() })
    .optional(),
});

const sampler = z.object({
  magFilter: z.literal([9728, 9729]).optional(),
  minFilter: z.literal([9728, 9729, 9984, 9985, 9986, 9987]).optional(),
  wrapS: z.literal([33071, 33648, 10497]).optional(),
  wrapT: z.literal([33071, 33648, 10497]).optional(),
});

const skin = z.object({
  inverseBindMatrices: index.optional(),
  joints: listOf(index, GLB_CAPS.nodes).refine((joints) => joints.length > 0, 'names no joint'),
});

const scene = z.object({ nodes: listOf(index, GLB_CAPS.nodes).optional() });

/** A document's fields other than its lists. */
export const gltfHead = z.object({
  asset: z.object({ version: z.string().regex(/^2\.\d+$/, 'must be 2.x') }),
  extensionsUsed: listOf(z.string(), GLB_CAPS.extensions).optional(),
  extensionsRequired: listOf(z.string(), GLB_CAPS.extensions).optional(),
  scene: index.optional(),
});

/** An entry of each list of a document: the part of glTF 2.0 that is rendered, everything else dropped. */
export const gltfEntries = {
  scenes: scene,
  nodes: node,
  meshes: mesh,
  accessors: accessor,
  bufferViews: bufferView,
  buffers: buffer,
  images: image,
  textures: texture,
  samplers: sampler,
  materials: material,
  skins: skin,
} as const;

export type GltfListName = keyof typeof gltfEntries;
export type GltfEntry<L extends GltfListName> = z.output<(typeof gltfEntries)[L]>;

/** Lists with the document's own indices. An entry is undefined where nothing drawn refers to it, or where there is none. */
export type GltfLists = { readonly [L in GltfListName]: readonly (GltfEntry<L> | undefined)[] };

/** A glTF document, parsed and pruned to what is drawn. */
export type Gltf = z.output<typeof gltfHead> & GltfLists;
export type GltfAccessor = GltfEntry<'accessors'>;
export type GltfBuffer = GltfEntry<'buffers'>;
export type GltfMeshopt = z.output<typeof meshopt>;
export type GltfBufferView = GltfEntry<'bufferViews'>;
export type GltfMaterial = GltfEntry<'materials'>;
export type GltfMesh = GltfEntry<'meshes'>;
export type GltfNode = GltfEntry<'nodes'>;
export type GltfPrimitive = z.output<typeof primitive>;
export type GltfTextureInfo = z.output<typeof textureInfo>;
export type GltfTexture = GltfEntry<'textures'>;
