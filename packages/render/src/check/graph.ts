import { GlbRefused } from '../glb-fault.js';
import { GLB_CAPS, type GlbLimits } from '../limits.js';
import type { Gltf } from './gltf-schema.js';
import type { GltfReader } from './json.js';
import type { MeshCost } from './primitives.js';

/** What the rendered scene holds, every use of a mesh counted. */
export interface SceneCost extends MeshCost {
  readonly nodes: number;
  readonly meshes: number;
}

/**
 * Reads the nodes of the scene that will be rendered, without recursion.
 *
 * @returns The indices of all of them.
 * @throws GlbRefused `no_scene`, `node_cycle`, `bad_json`, `too_complex`
 */
export function readNodes(reader: GltfReader): Set<number> {
  const index = sceneIndex(reader.head);
  const scene = reader.read('scenes', index);
  if (!scene) throw new GlbRefused({ code: 'no_scene', detail: `scenes[${index}] does not exist` });
  const reached = new Set<number>();
  let level = (scene.nodes ?? []).map((node) => ({ node, where: `scenes[${index}].nodes` }));
  for (let depth = 1; level.length > 0; depth += 1) {
    cap('levels of nodes', depth, GLB_CAPS.depth);
    const next: typeof level = [];
    for (const { node, where } of level) {
      const read = reader.read('nodes', node);
      if (!read) throw new GlbRefused({ code: 'bad_json', where, detail: `nodes[${node}] does not exist` });
      if (reached.has(node)) throw new GlbRefused({ code: 'node_cycle', where: `nodes[${node}]` });
      reached.add(node);
      for (const child of read.children ?? []) next.push({ node: child, where: `nodes[${node}].children` });
    }
    level = next;
  }
  return reached;
}

/**
 * Counts what drawing the scene costs, and checks what its nodes refer to.
 *
 * @param reached - The scene's nodes.
 * @throws GlbRefused `no_mesh`, `bad_json`, `bad_accessor`, `too_complex`, `too_many_meshes`
 */
export function checkGraph(
  gltf: Gltf,
  reached: ReadonlySet<number>,
  costs: readonly (MeshCost | undefined)[],
  limits: GlbLimits,
): SceneCost {
  checkSkins(gltf, reached);
  const sum = { nodes: reached.size, meshes: 0, primitives: 0, triangles: 0, vertices: 0 };
  for (const index of reached) {
    const { mesh, weights } = gltf.nodes[index] ?? {};
    if (mesh === undefined) continue;
    const cost = costs[mesh];
    if (!cost) throw badNode(index, 'mesh', `meshes[${mesh}] does not exist`);
    // Nothing of it is drawn, and the right number of weights is unknown.
    if (cost.primitives === 0) continue;
    const targets = gltf.meshes[mesh]?.primitives[0]?.targets?.length ?? 0;
    if (weights && weights.length !== targets) throw badNode(index, 'weights', 'does not fit the morph targets');
    sum.meshes += 1;
    sum.primitives += cost.primitives;
    sum.triangles += cost.triangles;
    sum.vertices += cost.vertices;
  }
  if (sum.meshes === 0)
    throw new GlbRefused({ code: 'no_mesh', detail: 'no node of the scene has one with triangles' });
  cap('primitives', sum.primitives, GLB_CAPS.primitives);
  cap('triangles', sum.triangles, limits.max_triangles);
  cap('vertices', sum.vertices, 3 * limits.max_triangles);
  if (limits.max_meshes !== null && sum.meshes > limits.max_meshes) {
    throw new GlbRefused({ code: 'too_many_meshes', count: sum.meshes, limit: limits.max_meshes });
  }
  return sum;
}

/** The index of the scene that is rendered. */
export function sceneIndex({ scene = 0 }: Pick<Gltf, 'scene'>): number {
  return scene;
}

function checkSkins(gltf: Gltf, reached: ReadonlySet<number>): void {
  for (const index of reached) {
    const skin = gltf.nodes[index]?.skin;
    if (skin !== undefined && !gltf.skins[skin]) throw badNode(index, 'skin', `skins[${skin}] does not exist`);
  }
  for (const [i, skin] of gltf.skins.entries()) {
    if (!skin) continue;
    const where = `skins[${i}]`;
    cap(`joints of ${where}`, skin.joints.length, GLB_CAPS.joints);
    if (!skin.joints.every((joint) => reached.has(joint))) {
      throw new GlbRefused({ code: 'bad_json', where: `${where}.joints`, detail: 'names a node outside the scene' });
    }
    if (skin.inverseBindMatrices === undefined) continue;
    const matrices = gltf.accessors[skin.inverseBindMatrices];
    const fits =
      matrices?.type === 'MAT4' &&
      matrices.componentType === 5126 &&
      matrices.count >= skin.joints.length &&
      matrices.count <= GLB_CAPS.joints;
    if (!fits) {
      throw new GlbRefused({
        code: 'bad_accessor',
        where: `${where}.inverseBindMatrices`,
        detail: 'does not fit the joints',
      });
    }
  }
}

function badNode(index: number, field: string, detail: string): GlbRefused {
  return new GlbRefused({ code: 'bad_json', where: `nodes[${index}].${field}`, detail });
}

function cap(what: string, count: number, limit: number): void {
  if (count > limit) throw new GlbRefused({ code: 'too_complex', what, count, limit });
}
