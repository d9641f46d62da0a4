/** How a test's object looks. */
export interface SmallObject {
  /** Half of its width, height and depth. */
  readonly size?: readonly [number, number, number];
  /** Linear RGB, 0 to 1. */
  readonly colour?: readonly [number, number, number];
  /** Nothing of it can be seen: it is as white as the background and throws no shade. */
  readonly invisible?: boolean;
}

const FACES: readonly (readonly [number, number, number])[] = [
  [1, 0, 0],
  [-1, 0, 0],
  [0, 1, 0],
  [0, -1, 0],
  [0, 0, 1],
  [0, 0, -1],
];

/** A box as a GLB with one mesh and one material. The same options give the same bytes. */
export function smallGlb({ size = [0.3, 0.3, 0.3], colour = [0.8, 0.1, 0.1], invisible = false }: SmallObject = {}) {
  const positions: number[] = [];
  const normals: number[] = [];
  const indices: number[] = [];
  for (const normal of FACES) {
    const axis = normal.findIndex((part) => part !== 0);
    const [u, v] = [(axis + 1) % 3, (axis + 2) % 3];
    const first = positions.length / 3;
    const corners = [
      [-1, -1],
      [1, -1],
      [1, 1],
      [-1, 1],
    ] as const;
    for (const [a, b] of corners) {
      const corner = [0, 0, 0];
      corner[axis] = (normal[axis] ?? 0) * (size[axis] ?? 0);
      corner[u] = a * (size[u] ?? 0);
      corner[v] = b * (size[v] ?? 0);
      positions.push(...corner);
      normals.push(...normal);
    }
    const turned = (normal[axis] ?? 0) > 0 ? [0, 1, 2, 0, 2, 3] : [0, 2, 1, 0, 3, 2];
    indices.push(...turned.map((index) => first + index));
  }
  return pack(positions, normals, indices, materialOf(colour, invisible), size);
}

function materialOf(colour: readonly number[], invisible: boolean): object {
  // Fully transparent is drawn as nothing at all.
  if (invisible) return { alphaMode: 'BLEND', pbrMetallicRoughness: { baseColorFactor: [1, 1, 1, 0] } };
  return { pbrMetallicRoughness: { baseColorFactor: [...colour, 1], metallicFactor: 0, roughnessFactor: 0.8 } };
}

function pack(
  positions: readonly number[],
  normals: readonly number[],
  indices: readonly number[],
  material: object,
  size: readonly number[],
): Uint8Array {
  const parts = [Float32Array.from(positions), Float32Array.from(normals), Uint16Array.from(indices)];
  const binary = Buffer.concat(parts.map((part) => Buffer.from(part.buffer)));
  const count = positions.length / 3;
  const vectors = positions.length * 4;
  const document = {
    asset: { version: '2.0' },
    scene: 0,
    scenes: [{ nodes: [0] }],
    nodes: [{ mesh: 0 }],
    meshes: [{ primitives: [{ attributes: { POSITION: 0, NORMAL: 1 }, indices: 2, material: 0 }] }],
    materials: [material],
    accessors: [
      { bufferView: 0, componentType: 5126, count, type: 'VEC3', min: size.map((half) => -half), max: [...size] },
      { bufferView: 1, componentType: 5126, count, type: 'VEC3' },
      { bufferView: 2, componentType: 5123, count: indices.length, type: 'SCALAR' },
    ],
    bufferViews: [
      { buffer: 0, byteOffset: 0, byteLength: vectors },
      { buffer: 0, byteOffset: vectors, byteLength: vectors },
      { buffer: 0, byteOffset: 2 * vectors, byteLength: indices.length * 2 },
    ],
    buffers: [{ byteLength: binary.byteLength }],
  };
  const text = JSON.stringify(document);
  const json = Buffer.from(text.padEnd(Math.ceil(text.length / 4) * 4));
  const body = Buffer.concat([binary, Buffer.alloc((4 - (binary.length % 4)) % 4)]);
  const header = Buffer.alloc(12);
  header.write('glTF');
  header.writeUInt32LE(2, 4);
  header.writeUInt32LE(12 + 8 + json.length + 8 + body.length, 8);
  return new Uint8Array(Buffer.concat([header, chunk('JSON', json), chunk('BIN\0', body)]));
}

function chunk(type: string, content: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(content.length, 0);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, content]);
}
