import { describeGlbFault, type GlbFault, GlbRefused } from '../glb-fault.js';
import type { GlbFacts, RenderRefusal } from '../interfaces.js';
import { GLB_LIMITS_DEFAULTS, type GlbLimits } from '../limits.js';
import { checkAccessors } from './accessors.js';
import { checkBuffers } from './buffers.js';
import { readContainer } from './container.js';
import { checkExtensions } from './extensions.js';
import type { Gltf } from './gltf-schema.js';
import { checkGraph } from './graph.js';
import { checkTextures, type GlbImage, readImages } from './images.js';
import { parseGltfJson } from './json.js';
import { checkMaterials } from './materials.js';
import { checkMeshes } from './primitives.js';

/** A GLB that passed the checks which need no decoding, pruned to what is rendered. */
export interface CheckedGlb {
  readonly gltf: Gltf;
  readonly bin: Uint8Array;
  readonly images: readonly GlbImage[];
  readonly facts: GlbFacts;
}

export type GlbCheck = { readonly ok: true; readonly facts: GlbFacts } | RenderRefusal;

/**
 * Checks a GLB from its header, its JSON and its images' headers. Nothing is decoded, nothing is rendered, and the
 * cost is bounded whatever the file says. What only shows after decoding (indices, NaN, size of the mesh, damaged
 * images) is found by rendering.
 *
 * @param limits - The round's `limits`, from rules.json.
 */
export function checkGlb(bytes: Uint8Array, limits: GlbLimits = GLB_LIMITS_DEFAULTS): GlbCheck {
  try {
    return { ok: true, facts: openGlb(bytes, limits).facts };
  } catch (error) {
    if (error instanceof GlbRefused) return refusal(error.fault);
    throw error;
  }
}

/** A fault as a result. */
export function refusal(fault: GlbFault): RenderRefusal {
  return { ok: false, code: fault.code, message: describeGlbFault(fault), fault };
}

/**
 * `checkGlb` for those who go on to load the file.
 *
 * @throws GlbRefused
 */
export function openGlb(bytes: Uint8Array, limits: GlbLimits): CheckedGlb {
  const { json, bin } = readContainer(bytes, limits.max_glb_bytes);
  const document = parseGltfJson(json);
  checkExtensions(document.extensionsRequired ?? []);
  checkBuffers(document, bin.length);
  checkAccessors(document);
  const images = readImages(document, bin, limits.max_image_pixels);
  const imagePixels = checkTextures(document, images, limits.max_image_pixels);
  checkMaterials(document);
  const { gltf, costs } = checkMeshes(document);
  const scene = checkGraph(gltf, costs, limits);
  return { gltf, bin, images, facts: { bytes: bytes.length, ...scene, images: images.length, imagePixels } };
}
