/** A GLB of a cube whose edges have this length, made here: 8 corners, 12 triangles; with nothing to see where invisible. */
export function cubeGlb(edge: number, { invisible = false } = {}): Buffer {
  const half = edge / 2;
  const corners = [0, 1, 2, 3, 4, 5, 6, 7].flatMap((at) =>
    [at & 1, (at >> 1) & 1, at >> 2].map((bit) => (bit === 1 ? half : -half)),
  );
  const faces = [
    [0, 2, 1, 1, 2, 3],
    [4, 5, 6, 5, 7, 6],
    [0, 1, 4, 1, 5, 4],
    [2, 6, 3, 3, 6, 7],
    [0, 4, 2, 2, 4, 6],
    [1, 3, 5, 3, 7, 5],
  ].flat();
  const positions = Buffer.from(new Float32Array(corners).buffer);
  const indices = Buffer.from(new Uint16Array(faces).buffer);
  const gltf = {
    asset: { version: '2.0' },
    scene: 0,
    scenes: [{ nodes: [0] }],
    nodes: [{ mesh: 0 }],
    meshes: [{ primitives: [{ attributes: { POSITION: 0 }, indices: 1, ...(invisible ? { material: 0 } : {}) }] }],
    ...(invisible ? { materials: [INVISIBLE] } : {}),
    accessors: [
      {
        bufferView: 0,
        componentType: 5126,
        count: 8,
        type: 'VEC3',
        min: [-half, -half, -half],
        max: [half, half, half],
      },
      { bufferView: 1, componentType: 5123, count: faces.length, type: 'SCALAR' },
    ],
    bufferViews: [
      { buffer: 0, byteOffset: 0, byteLength: positions.length },
      { buffer: 0, byteOffset: positions.length, byteLength: indices.length },
    ],
    buffers: [{ byteLength: positions.length + indices.length }],
  };
  const json = padded(Buffer.from(JSON.stringify(gltf)), 0x20);
  const bin = padded(Buffer.concat([positions, indices]), 0);
  const header = Buffer.alloc(12);
  header.write('glTF', 'latin1');
  header.writeUInt32LE(2, 4);
  header.writeUInt32LE(12 + 8 + json.length + 8 + bin.length, 8);
  return Buffer.concat([header, chunk(json, 'JSON'), json, chunk(bin, 'BIN\0'), bin]);
}

/** Every fragment is below the cutoff, so none is drawn. */
const INVISIBLE = { alphaMode: 'MASK', alphaCutoff: 0.5, pbrMetallicRoughness: { baseColorFactor: [1, 1, 1, 0] } };

function chunk(content: Buffer, type: string): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt32LE(content.length, 0);
  header.write(type, 4, 'latin1');
  return header;
}

function padded(content: Buffer, filler: number): Buffer {
  return Buffer.concat([content, Buffer.alloc((4 - (content.length % 4)) % 4, filler)]);
}
