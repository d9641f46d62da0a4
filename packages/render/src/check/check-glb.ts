import { describeGlbFault, type GlbFault, GlbRefused } from '../glb-fault.js';
import type { GlbFacts, RenderRefusal } from '../interfaces.js';
import { GLB_LIMITS_DEFAULTS, type GlbLimits } from '../limits.js';
import { checkAccessors } from './accessors.js';
import { checkBufferViews, readBuffers } from './buffers.js';
import { readContainer } from './container.js';
import { readDrawn } from './drawn.js';
import { checkExtensions } from './extensions.js';
import type { Gltf } from './gltf-schema.js';
import { checkGraph, readNodes } from './graph.js';
import { checkTextures, type GlbImage, readImages } from './images.js';
import { openGltfJson } from './json.js';
import { checkMaterials, renumberTexCoords } from './materials.js';
import { fillMorphTargets } from './morph-targets.js';
import { checkMeshes } from './primitives.js';
import { detachSkinnedMeshes, splitSkinnedMeshes } from './skinned-meshes.js';

/** A GLB that passed the checks which need no decoding, pruned to what is rendered, in a form that three reads rightly. */
export interface CheckedGlb {
  readonly gltf: Gltf;
  readonly bin: Uint8Array;
  /** By the file's own indices; undefined where an image is not drawn and could not be. */
  readonly images: readonly (GlbImage | undefined)[];
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
  const reader = openGltfJson(json);
  checkExtensions(reader.head.extensionsRequired ?? []);
  readBuffers(reader, bin.length);
  const nodes = readNodes(reader);
  const drawn = readDrawn(reader, nodes);
  checkBufferViews(drawn);
  checkAccessors(drawn);
  const images = readImages(reader, bin, limits);
  const { textures, imagePixels } = checkTextures(drawn, images, limits);
  checkMaterials(drawn);
  const costs = checkMeshes(drawn);
  const scene = checkGraph(drawn, nodes, costs, limits);
  return {
    gltf: detachSkinnedMeshes(splitSkinnedMeshes(fillMorphTargets(renumberTexCoords({ ...drawn, textures })))),
    bin,
    images: images.map(({ image }) => image),
    facts: { bytes: bytes.length, ...scene, images: images.length, imagePixels },
  };
}
