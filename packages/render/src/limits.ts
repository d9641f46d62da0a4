import { RULES_DEFAULTS } from '@tiltyard/schema/gen3d';

/**
 * What a round's rules allow of a GLB: the `limits` object of rules.json, in its own spelling.
 *
 * @see docs/rules.md#thresholds
 */
export interface GlbLimits {
  /** Size of the whole file, in bytes. */
  readonly max_glb_bytes: number;
  /** The rendered mesh must lie within ± this on every axis. */
  readonly bounds: number;
  /** Meshes in the scene (a mesh used by two nodes counts twice), or null for any number. */
  readonly max_meshes: number | null;
  /** Triangles in the scene, instances counted. Vertices may be at most three times as many. */
  readonly max_triangles: number;
  /** Pixels of one image. All images together may have `GLB_CAPS.imagePixelsFactor` times as many. */
  readonly max_image_pixels: number;
  /** Pixels of an image's longer side. The default where the rules are older than this limit. */
  readonly max_image_side?: number | undefined;
}

/** The limits of a round whose rules.json has none. */
export const GLB_LIMITS_DEFAULTS = RULES_DEFAULTS.limits satisfies Required<GlbLimits>;

/**
 * What no rules can lift: they keep the cost of a check, and the stack and memory of the loader behind it, bounded.
 * Far above what a single object needs.
 */
export const GLB_CAPS = {
  /** The JSON chunk. 10 000 nodes with names and matrices are about 2 MB. */
  jsonBytes: 8 * 1024 * 1024,
  nodes: 10_000,
  /** A scene's deepest node: three walks the tree recursively, several frames a level. */
  depth: 256,
  primitives: 10_000,
  accessors: 65_536,
  bufferViews: 65_536,
  materials: 4_096,
  textures: 4_096,
  samplers: 4_096,
  skins: 64,
  joints: 1_024,
  morphTargets: 64,
  /** Sets of texture coordinates in one material: three knows no more. */
  texCoords: 4,
  /** Names of extensions in a list. */
  extensions: 1_000,
  images: 64,
  /** All images together, in multiples of `max_image_pixels`. */
  imagePixelsFactor: 8,
  /** An image inside the JSON (a data: URI), in characters. */
  dataUriChars: 65_536,
  /** What compressed buffer views may unpack to, in all. */
  decodedBytes: 1024 * 1024 * 1024,
  /** All buffer views together, unpacked: a file of 200 MB, each of whose bytes is in several. */
  viewBytes: 1536 * 1024 * 1024,
} as const;
