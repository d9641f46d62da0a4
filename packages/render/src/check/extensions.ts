import { GlbRefused } from '../glb-fault.js';

export const DRACO = 'KHR_draco_mesh_compression';
export const MESHOPT = 'EXT_meshopt_compression';
export const BASISU = 'KHR_texture_basisu';
export const WEBP = 'EXT_texture_webp';

/** Material extensions that the renderer shows. */
export const MATERIAL_EXTENSIONS = [
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

/**
 * Everything that a file may require.
 *
 * Lights (KHR_lights_punctual) and cameras are left out on purpose: a file must not light itself for the judge.
 */
const SUPPORTED: ReadonlySet<string> = new Set([
  DRACO,
  MESHOPT,
  BASISU,
  WEBP,
  'KHR_mesh_quantization',
  'KHR_texture_transform',
  ...MATERIAL_EXTENSIONS,
]);

/** @throws GlbRefused `unsupported_extension` for the first required extension that is not supported */
export function checkExtensions(required: readonly string[]): void {
  const unknown = required.find((name) => !SUPPORTED.has(name));
  if (unknown !== undefined) {
    throw new GlbRefused({ code: 'unsupported_extension', extension: unknown.slice(0, 100) });
  }
}

/** The supported ones of a list of extensions. */
export function supportedExtensions(names: readonly string[]): string[] {
  return [...new Set(names)].filter((name) => SUPPORTED.has(name));
}
