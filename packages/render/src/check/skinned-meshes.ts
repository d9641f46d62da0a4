import type { Gltf, GltfPrimitive } from './gltf-schema.js';

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

function withoutJoints(primitive: GltfPrimitive): GltfPrimitive {
  const { JOINTS_0: _joints, WEIGHTS_0: _weights, ...attributes } = primitive.attributes;
  return { ...primitive, attributes };
}
