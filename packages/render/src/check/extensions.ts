import { GlbRefused } from '../glb-fault.js';

export const DRACO = 'KHR_draco_mesh_compression';
export const MESHOPT = 'EXT_meshopt_compression';
/** The same with a newer bitstream, which the same decoder reads, and one filter more. */
export const MESHOPT_KHR = 'KHR_meshopt_compression';
export const QUANTIZATION = 'KHR_mesh_quantization';
export const BASISU = 'KHR_texture_basisu';
export const WEBP = 'EXT_texture_webp';

/** Material extensions that the renderer shows. */
const MATERIAL_EXTENSIONS = [
  'KHR_materials_anisotropy',
  'KHR_materials_clearcoat',
  'KHR_materials_dispersion',
  'KHR_materials_emissive_strength',
  'KHR_materials_ior',
  'KHR_materials_iridescence',
  'KHR_materials_sheen',
  'KHR_materials_specular',
  'KHR_materials_transmission',
  'KHR_materials_unlit',
  'KHR_materials_volume',
] as const;

/** Extensions that change nothing of a still picture. */
const UNSEEN = ['KHR_animation_pointer', 'KHR_materials_variants', 'KHR_xmp_json_ld'] as const;

/**
 * Everything that a file may require.
 *
 * Lights (KHR_lights_punctual) and cameras are left out on purpose: a file must not light itself for the judge.
 */
export const SUPPORTED_EXTENSIONS: ReadonlySet<string> = new Set([
  DRACO,
  MESHOPT,
  MESHOPT_KHR,
  BASISU,
  WEBP,
  QUANTIZATION,
  'KHR_texture_transform',
  ...MATERIAL_EXTENSIONS,
  ...UNSEEN,
]);

/** @throws GlbRefused `unsupported_extension` for the first required extension that is not supported */
export function checkExtensions(required: readonly string[]): void {
  const unknown = required.find((name) => !SUPPORTED_EXTENSIONS.has(name));
  if (unknown !== undefined) {
    throw new GlbRefused({ code: 'unsupported_extension', extension: unknown.slice(0, 100) });
  }
}

/**
 * What a part says of meshopt compression, and under which name. Where it says so twice, the older name counts, as it
 * does for three's loader.
 */
export function meshoptOf<T extends object>(
  extensions: { readonly [MESHOPT]?: T | undefined; readonly [MESHOPT_KHR]?: T | undefined } = {},
): { readonly name: string; readonly value: T } | undefined {
  for (const name of [MESHOPT, MESHOPT_KHR] as const) {
    const value = extensions[name];
    if (value) return { name, value };
  }
  return undefined;
}
