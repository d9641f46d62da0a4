import { openGlb, refusal } from './check/check-glb.js';
import { readContainer, withJsonChunk } from './check/container.js';
import { sceneIndex } from './check/graph.js';
import { parseJson } from './check/json.js';
import { type Bounds, GlbRefused } from './glb-fault.js';
import type { RenderRefusal } from './interfaces.js';
import { GLB_LIMITS_DEFAULTS, type GlbLimits } from './limits.js';
import { checkScene } from './load/check-scene.js';
import { loadScene } from './load/load-scene.js';

/** A file that fits the unit cube, and the bounds that it had; or why it could not be made. */
export type FitResult = { readonly ok: true; readonly glb: Uint8Array; readonly bounds: Bounds } | RenderRefusal;

/** The part of a checked document that is changed. All else is passed on as it is, known or not. */
interface FittedJson {
  nodes: object[];
  scenes: { nodes?: number[] }[];
  materials?: { extensions?: { KHR_materials_volume?: { attenuationDistance?: number } } }[];
}

/**
 * Rewrites a GLB so that its scene is centred at the origin and its longest edge is one unit: what miners are asked to
 * deliver. What is measured is what would be rendered, with skins and morph targets applied. The binary chunk stays as it
 * is, and the JSON as well, but for a node above each of the scene's, which moves and scales it.
 *
 * @example
 * const fit = await fitGlb(await readFile('Duck.glb'));
 * if (fit.ok) await writeFile('duck.glb', fit.glb);
 */
export async function fitGlb(glb: Uint8Array, limits: GlbLimits = GLB_LIMITS_DEFAULTS): Promise<FitResult> {
  try {
    const checked = openGlb(glb, limits);
    const { bounds } = checkScene(await loadScene(checked, 3 * limits.max_triangles), limits);
    const json = parseJson(readContainer(glb, limits.max_glb_bytes).json) as unknown as FittedJson;
    fitScene(json, sceneIndex(checked.gltf), bounds);
    const fitted = withJsonChunk(glb, JSON.stringify(json));
    // A node more may be one too many.
    openGlb(fitted, limits);
    return { ok: true, glb: fitted, bounds };
  } catch (error) {
    if (error instanceof GlbRefused) return refusal(error.fault);
    throw error;
  }
}

function fitScene({ nodes, scenes, materials = [] }: FittedJson, fittedScene: number, { min, max }: Bounds): void {
  const scale = 1 / Math.max(max[0] - min[0], max[1] - min[1], max[2] - min[2]);
  const translation = [0, 1, 2].map((axis) => (-scale * ((min[axis] ?? 0) + (max[axis] ?? 0))) / 2);
  const parents = new Map<number, number>();
  for (const root of scenes[fittedScene]?.nodes ?? []) {
    parents.set(root, nodes.length);
    nodes.push({ name: 'fit', translation, scale: [scale, scale, scale], children: [root] });
  }
  // A node that another scene shows as well is moved there too: it can have one parent only.
  for (const scene of scenes) {
    if (scene.nodes) scene.nodes = scene.nodes.map((node) => parents.get(node) ?? node);
  }
  // The one length of a material that its mesh's scale does not reach.
  for (const { extensions } of materials) {
    const volume = extensions?.KHR_materials_volume;
    if (volume?.attenuationDistance !== undefined) volume.attenuationDistance *= scale;
  }
}
