/** A glTF document as plain JSON: tests bend it as they like. */
// biome-ignore lint/suspicious/noExplicitAny: tests put wrong things into right places
export type LooseGltf = any;

/** A GLB in parts, before it is packed. */
export interface GlbParts {
  json: LooseGltf;
  bin: Buffer;
}

/** Packs JSON and binary into a GLB. */
export function packGlb(json: object | string, bin: Uint8Array = new Uint8Array(0)): Buffer {
  const text = Buffer.from(typeof json === 'string' ? json : JSON.stringify(json));
  const jsonChunk = Buffer.concat([text, Buffer.alloc(-text.length & 3, ' ')]);
  const binChunk = Buffer.concat([bin, Buffer.alloc(-bin.length & 3)]);
  const chunks = [chunk(0x4e4f534a, jsonChunk), ...(bin.length > 0 ? [chunk(0x004e4942, binChunk)] : [])];
  const body = Buffer.concat(chunks);
  const header = Buffer.alloc(12);
  header.writeUInt32LE(0x46546c67, 0);
  header.writeUInt32LE(2, 4);
  header.writeUInt32LE(12 + body.length, 8);
  return Buffer.concat([header, body]);
}

/** The JSON and the binary of a GLB that has both. */
export function unpackGlb(glb: Uint8Array): GlbParts {
  const bytes = Buffer.from(glb);
  const jsonEnd = 20 + bytes.readUInt32LE(12);
  return { json: JSON.parse(bytes.toString('utf8', 20, jsonEnd)), bin: bytes.subarray(jsonEnd + 8) };
}

function chunk(type: number, bytes: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32LE(bytes.length, 0);
  header.writeUInt32LE(type, 4);
  return Buffer.concat([header, bytes]);
}

/**
 * A box of 24 vertices and 12 triangles with normals and texture coordinates, its front face (+z) included. With an
 * image, all faces wear it.
 */
export function boxParts(options: { half?: number; image?: Buffer; mimeType?: string } = {}): GlbParts {
  const { half = 0.5, image, mimeType = 'image/png' } = options;
  const { positions, normals, uvs, indices } = boxGeometry(half);
  const arrays = [positions, normals, uvs, indices].map((array) => Buffer.from(array.buffer));
  const bin: Buffer[] = [];
  const bufferViews: object[] = [];
  let offset = 0;
  for (const bytes of [...arrays, ...(image ? [image] : [])]) {
    bufferViews.push({ buffer: 0, byteOffset: offset, byteLength: bytes.length });
    const padding = -bytes.length & 3;
    bin.push(bytes, Buffer.alloc(padding));
    offset += bytes.length + padding;
  }
  const json = {
    asset: { version: '2.0' },
    scene: 0,
    scenes: [{ nodes: [0] }],
    nodes: [{ mesh: 0 }],
    meshes: [{ primitives: [{ attributes: { POSITION: 0, NORMAL: 1, TEXCOORD_0: 2 }, indices: 3, material: 0 }] }],
    materials: [
      {
        pbrMetallicRoughness: {
          ...(image ? { baseColorTexture: { index: 0 } } : { baseColorFactor: [0.7, 0.05, 0.05, 1] }),
          metallicFactor: 0,
        },
      },
    ],
    ...(image && { textures: [{ source: 0 }], images: [{ bufferView: 4, mimeType }] }),
    accessors: [
      { bufferView: 0, componentType: 5126, count: 24, type: 'VEC3' },
      { bufferView: 1, componentType: 5126, count: 24, type: 'VEC3' },
      { bufferView: 2, componentType: 5126, count: 24, type: 'VEC2' },
      { bufferView: 3, componentType: 5123, count: 36, type: 'SCALAR' },
    ],
    bufferViews,
    buffers: [{ byteLength: offset }],
  };
  return { json, bin: Buffer.concat(bin) };
}

/** A box as a GLB, after `bend` has had its way with it. */
export function boxGlb(
  bend: (parts: GlbParts) => void = () => undefined,
  options: Parameters<typeof boxParts>[0] = {},
) {
  const parts = boxParts(options);
  bend(parts);
  return packGlb(parts.json, parts.bin);
}

/** A box that is drawn `layers` times over itself, and blended: a small file that takes long to draw. */
export function overdrawnGlb(layers: number): Buffer {
  return boxGlb((parts) => {
    const { json, bin } = parts;
    const { byteOffset, byteLength } = json.bufferViews[3];
    const indices = bin.subarray(byteOffset, byteOffset + byteLength);
    parts.bin = Buffer.concat([bin, ...new Array<Buffer>(layers).fill(indices)]);
    json.bufferViews.push({ buffer: 0, byteOffset: bin.length, byteLength: layers * byteLength });
    json.buffers[0].byteLength = parts.bin.length;
    Object.assign(json.accessors[3], { bufferView: json.bufferViews.length - 1, count: layers * 36 });
    Object.assign(json.materials[0], { alphaMode: 'BLEND' });
    json.materials[0].pbrMetallicRoughness.baseColorFactor = [0.7, 0.05, 0.05, 0.01];
  });
}

/** Appends bytes as a buffer view of their own. @returns Its index. */
export function addView(parts: GlbParts, bytes: Uint8Array, facts: object = {}): number {
  const { json } = parts;
  const byteOffset = parts.bin.length;
  parts.bin = Buffer.concat([parts.bin, bytes, Buffer.alloc(-bytes.length & 3)]);
  json.buffers[0].byteLength = parts.bin.length;
  return json.bufferViews.push({ buffer: 0, byteOffset, byteLength: bytes.length, ...facts }) - 1;
}

function boxGeometry(half: number) {
  const faces: readonly [number[], number[], number[]][] = [
    [
      [0, 0, 1],
      [1, 0, 0],
      [0, 1, 0],
    ],
    [
      [0, 0, -1],
      [-1, 0, 0],
      [0, 1, 0],
    ],
    [
      [1, 0, 0],
      [0, 0, -1],
      [0, 1, 0],
    ],
    [
      [-1, 0, 0],
      [0, 0, 1],
      [0, 1, 0],
    ],
    [
      [0, 1, 0],
      [1, 0, 0],
      [0, 0, -1],
    ],
    [
      [0, -1, 0],
      [1, 0, 0],
      [0, 0, 1],
    ],
  ];
  const positions: number[] = [];
  const normals: number[] = [];
  const uvs: number[] = [];
  const indices: number[] = [];
  for (const [f, [normal, right, up]] of faces.entries()) {
    for (const [x, y] of [
      [-1, -1],
      [1, -1],
      [1, 1],
      [-1, 1],
    ] as const) {
      positions.push(...[0, 1, 2].map((i) => half * ((normal[i] ?? 0) + x * (right[i] ?? 0) + y * (up[i] ?? 0))));
      normals.push(...normal);
      uvs.push((x + 1) / 2, (1 - y) / 2);
    }
    indices.push(...[0, 1, 2, 0, 2, 3].map((corner) => 4 * f + corner));
  }
  return {
    positions: new Float32Array(positions),
    normals: new Float32Array(normals),
    uvs: new Float32Array(uvs),
    indices: new Uint16Array(indices),
  };
}
