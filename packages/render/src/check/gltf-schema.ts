import { z } from 'zod';
import { GLB_CAPS } from '../limits.js';

/** A list whose length is looked at before its entries are: zod would parse millions, and keep an issue for each. */
function listOf<T extends z.ZodType>(entry: T, max: number) {
  const short = (value: unknown) => !Array.isArray(value) || value.length <= max;
  return z
    .unknown()
    .refine(short, { message: `has more than ${max} entries`, abort: true })
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
  texCoord: z.int().min(0).max(3).optional(),
});

const textureInfoShape = {
  index,
  texCoord: z.int().min(0).max(3).optional(),
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

const material = z.object({
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

const attributes = z.record(z.string().max(100), index);

const primitive = z.object({
  attributes,
  indices: index.optional(),
  material: index.optional(),
  mode: z.int().min(0).max(6).optional(),
  targets: listOf(attributes, GLB_CAPS.nodes).optional(),
  extensions: z
    .object({ KHR_draco_mesh_compression: z.object({ bufferView: index, attributes }).optional() })
    .optional(),
});

const node = z.object({
  children: listOf(index, GLB_CAPS.nodes).optional(),
  mesh: index.optional(),
  skin: index.optional(),
  matrix: mat4.optional(),
  translation: vec3.optional(),
  rotation: vec4.optional(),
  scale: vec3.optional(),
  weights: listOf(number, GLB_CAPS.nodes).optional(),
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
  filter: z.enum(['NONE', 'OCTAHEDRAL', 'QUATERNION', 'EXPONENTIAL']).optional(),
});

const bufferView = z.object({
  buffer: index,
  byteOffset: index.optional(),
  byteLength: z.int().min(1),
  byteStride: z.int().min(4).max(252).optional(),
  extensions: z.object({ EXT_meshopt_compression: meshopt.optional() }).optional(),
});

const buffer = z.object({
  uri: z.string().optional(),
  byteLength: z.int().min(1),
  extensions: z
    .object({ EXT_meshopt_compression: z.object({ fallback: z.boolean().optional() }).optional() })
    .optional(),
});

const image = z.object({
  uri: z.string().optional(),
  mimeType: z.string().max(100).optional(),
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

/** The part of glTF 2.0 that is rendered: JSON in, everything else dropped. */
export const gltfSchema = z.object({
  asset: z.object({ version: z.string().regex(/^2\.\d+$/, 'must be 2.x') }),
  extensionsUsed: listOf(z.string(), 1000).optional(),
  extensionsRequired: listOf(z.string(), 1000).optional(),
  scene: index.optional(),
  scenes: z.array(z.object({ nodes: listOf(index, GLB_CAPS.nodes).optional() })).optional(),
  nodes: z.array(node).optional(),
  meshes: z
    .array(
      z.object({
        primitives: listOf(primitive, GLB_CAPS.primitives).refine((list) => list.length > 0, 'has no primitive'),
        weights: listOf(number, GLB_CAPS.nodes).optional(),
      }),
    )
    .optional(),
  accessors: z.array(accessor).optional(),
  bufferViews: z.array(bufferView).optional(),
  buffers: z.array(buffer).optional(),
  images: z.array(image).optional(),
  textures: z.array(texture).optional(),
  samplers: z.array(sampler).optional(),
  materials: z.array(material).optional(),
  skins: z.array(skin).optional(),
});

/** A parsed and pruned glTF document. */
export type Gltf = z.output<typeof gltfSchema>;
export type GltfAccessor = z.output<typeof accessor>;
export type GltfPrimitive = z.output<typeof primitive>;
export type GltfNode = z.output<typeof node>;
export type GltfTexture = z.output<typeof texture>;
export type GltfMaterial = z.output<typeof material>;
