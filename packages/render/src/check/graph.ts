import { GlbRefused } from '../glb-fault.js';
import { GLB_CAPS, type GlbLimits } from '../limits.js';
import type { Gltf, GltfNode } from './gltf-schema.js';
import type { MeshCost } from './primitives.js';

/** What the rendered scene holds, every use of a mesh counted. */
export interface SceneCost extends MeshCost {
  readonly nodes: number;
  readonly meshes: number;
}

/**
 * Walks the scene that will be rendered, without recursion, and counts what drawing it costs.
 *
 * @throws GlbRefused `no_scene`, `no_mesh`, `node_cycle`, `bad_json`, `bad_accessor`, `too_complex`, `too_many_meshes`
 */
export function checkGraph(gltf: Gltf, costs: readonly MeshCost[], limits: GlbLimits): SceneCost {
  const nodes = gltf.nodes ?? [];
  checkParents(nodes);
  const reached = reach(nodes, sceneRoots(gltf));
  checkSkins(gltf, reached);

  const sum = { nodes: reached.size, meshes: 0, primitives: 0, triangles: 0, vertices: 0 };
  for (const index of reached) {
    const mesh = nodes[index]?.mesh;
    if (mesh === undefined) continue;
    const cost = costs[mesh];
    if (!cost) {
      throw new GlbRefused({
        code: 'bad_json',
        where: `nodes[${index}].mesh`,
        reason: `meshes[${mesh}] does not exist`,
      });
    }
    if (cost.primitives === 0) continue;
    sum.meshes += 1;
    sum.primitives += cost.primitives;
    sum.triangles += cost.triangles;
    sum.vertices += cost.vertices;
  }
  if (sum.meshes === 0)
    throw new GlbRefused({ code: 'no_mesh', reason: 'no node of the scene has one with triangles' });
  cap('primitives', sum.primitives, GLB_CAPS.primitives);
  cap('triangles', sum.triangles, limits.max_triangles);
  cap('vertices', sum.vertices, 3 * limits.max_triangles);
  if (limits.max_meshes !== null && sum.meshes > limits.max_meshes) {
    throw new GlbRefused({ code: 'too_many_meshes', count: sum.meshes, limit: limits.max_meshes });
  }
  return sum;
}

/** The index of the scene that is rendered. */
export function sceneIndex(gltf: Gltf): number {
  return gltf.scene ?? 0;
}

function sceneRoots(gltf: Gltf): readonly number[] {
  const scene = gltf.scenes?.[sceneIndex(gltf)];
  if (!scene) throw new GlbRefused({ code: 'no_scene', reason: `scenes[${sceneIndex(gltf)}] does not exist` });
  return scene.nodes ?? [];
}

function checkParents(nodes: readonly GltfNode[]): void {
  const hasParent = new Set<number>();
  for (const [i, node] of nodes.entries()) {
    for (const child of node.children ?? []) {
      if (child >= nodes.length) {
        throw new GlbRefused({
          code: 'bad_json',
          where: `nodes[${i}].children`,
          reason: `nodes[${child}] does not exist`,
        });
      }
      if (child === i || hasParent.has(child)) throw new GlbRefused({ code: 'node_cycle', where: `nodes[${child}]` });
      hasParent.add(child);
    }
  }
}

function reach(nodes: readonly GltfNode[], roots: readonly number[]): Set<number> {
  const reached = new Set<number>();
  let level = [...roots];
  for (let depth = 1; level.length > 0; depth += 1) {
    cap('levels of nodes', depth, GLB_CAPS.depth);
    const next: number[] = [];
    for (const index of level) {
      const node = nodes[index];
      if (!node) throw new GlbRefused({ code: 'bad_json', where: 'scenes', reason: `nodes[${index}] does not exist` });
      if (reached.has(index)) throw new GlbRefused({ code: 'node_cycle', where: `nodes[${index}]` });
      reached.add(index);
      for (const child of node.children ?? []) next.push(child);
    }
    level = next;
  }
  return reached;
}

function checkSkins(gltf: Gltf, reached: ReadonlySet<number>): void {
  for (const index of reached) {
    const skin = gltf.nodes?.[index]?.skin;
    if (skin !== undefined && !gltf.skins?.[skin]) {
      throw new GlbRefused({
        code: 'bad_json',
        where: `nodes[${index}].skin`,
        reason: `skins[${skin}] does not exist`,
      });
    }
  }
  for (const [i, skin] of (gltf.skins ?? []).entries()) {
    const where = `skins[${i}]`;
    cap(`joints of ${where}`, skin.joints.length, GLB_CAPS.joints);
    if (!skin.joints.every((joint) => reached.has(joint))) {
      throw new GlbRefused({ code: 'bad_json', where: `${where}.joints`, reason: 'names a node outside the scene' });
    }
    if (skin.inverseBindMatrices === undefined) continue;
    const matrices = gltf.accessors?.[skin.inverseBindMatrices];
    const fits =
      matrices?.type === 'MAT4' &&
      matrices.componentType === 5126 &&
      matrices.count >= skin.joints.length &&
      matrices.count <= GLB_CAPS.joints;
    if (!fits) {
      throw new GlbRefused({
        code: 'bad_accessor',
        where: `${where}.inverseBindMatrices`,
        reason: 'does not fit the joints',
      });
    }
  }
}

function cap(what: string, count: number, limit: number): void {
  if (count > limit) throw new GlbRefused({ code: 'too_complex', what, count, limit });
}
