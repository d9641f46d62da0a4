import type { Gltf, GltfNode, GltfPrimitive } from './gltf-schema.js';
import { sceneIndex } from './graph.js';

/**
 * Gives nodes without a skin a mesh of their own where others move the same mesh by one: three's loader knows a mesh as
 * either skinned or not.
 */
export function splitSkinnedMeshes(gltf: Gltf): Gltf {
  const skinned = new Set(gltf.nodes.flatMap((node) => (node?.skin === undefined ? [] : (node.mesh ?? []))));
  const meshes = [...gltf.meshes];
  const plain = new Map<number, number>();
  const nodes = gltf.nodes.map((node) => {
    const mesh = gltf.meshes[node?.mesh ?? -1];
    if (!node || node.mesh === undefined || !mesh || node.skin !== undefined || !skinned.has(node.mesh)) return node;
    const copy = plain.get(node.mesh) ?? meshes.push({ ...mesh, primitives: mesh.primitives.map(withoutJoints) }) - 1;
    plain.set(node.mesh, copy);
    return { ...node, mesh: copy };
  });
  return { ...gltf, nodes, meshes };
}

/**
 * Gives every mesh that a skin moves a node of its own at the root: joints move it, and the place of its node does not.
 * three's loader would turn its faces round with a node that mirrors, and lose it with one that scales to nothing.
 */
export function detachSkinnedMeshes(gltf: Gltf): Gltf {
  const detached: GltfNode[] = [];
  const nodes = gltf.nodes.map((node) => {
    if (!node || node.mesh === undefined || node.skin === undefined) return node;
    const { mesh, skin, weights, ...place } = node;
    detached.push({ mesh, skin, weights });
    return place;
  });
  const roots = detached.map((_, i) => nodes.length + i);
  const scenes = gltf.scenes.map((scene, i) =>
    i === sceneIndex(gltf) && scene ? { ...scene, nodes: [...(scene.nodes ?? []), ...roots] } : scene,
  );
  return { ...gltf, scenes, nodes: [...nodes, ...detached] };
}

function withoutJoints(primitive: GltfPrimitive): GltfPrimitive {
  const { JOINTS_0: _joints, WEIGHTS_0: _weights, ...attributes } = primitive.attributes;
  return { ...primitive, attributes };
}
