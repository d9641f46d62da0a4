import type { Gltf, GltfAccessor, GltfMesh, GltfPrimitive } from './gltf-schema.js';

/**
 * Gives every morph target of a mesh the same attributes, by accessors of zeros, and drops targets that move nothing.
 *
 * A target may leave out what it does not move. three's loader would take the mesh's own positions for a displacement
 * there.
 */
export function fillMorphTargets(gltf: Gltf): Gltf {
  const zeros: GltfAccessor[] = [];
  const still = new Set<number>();
  const meshes = gltf.meshes.map((mesh, m) => {
    const targets = mesh?.primitives.flatMap((primitive) => primitive.targets ?? []) ?? [];
    if (!mesh || targets.length === 0) return mesh;
    const names = new Set(targets.flatMap((target) => Object.keys(target)));
    if (names.size > 0) {
      return { ...mesh, primitives: mesh.primitives.map((primitive) => filled(gltf, primitive, names, zeros)) };
    }
    still.add(m);
    return withoutTargets(mesh);
  });
  const nodes = gltf.nodes.map((node) => (node && still.has(node.mesh ?? -1) ? { ...node, weights: undefined } : node));
  return { ...gltf, nodes, meshes, accessors: [...gltf.accessors, ...zeros] };
}

function filled(
  { accessors }: Gltf,
  primitive: GltfPrimitive,
  names: ReadonlySet<string>,
  zeros: GltfAccessor[],
): GltfPrimitive {
  const count = accessors[primitive.attributes.POSITION ?? -1]?.count ?? 0;
  // One at least: three's loader finds no weights to set on a primitive without any.
  const own = ['POSITION', ...names].filter((name) => name === 'POSITION' || name in primitive.attributes);
  let zero: number | undefined;
  const targets = primitive.targets?.map((target) => {
    const all = { ...target };
    for (const name of own) {
      if (all[name] !== undefined) continue;
      zero ??= accessors.length + zeros.push({ componentType: 5126, type: 'VEC3', count }) - 1;
      all[name] = zero;
    }
    return all;
  });
  return { ...primitive, targets };
}

function withoutTargets({ primitives }: GltfMesh): GltfMesh {
  return { primitives: primitives.map((primitive) => ({ ...primitive, targets: undefined })) };
}
