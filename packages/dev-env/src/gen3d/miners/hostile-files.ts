import { deflateSync } from 'node:zlib';
import { joinAligned, packGlb } from '../objects/glb-container.js';
import { pngChunk } from '../objects/small-png.js';

/** GLBs that a careless reader would choke on. Each is small; what they ask for is not. */
export const HOSTILE_FILES = {
  /** Claims four thousand million indices. */
  huge_accessor: () => triangleGlb({ indexCount: 4_000_000_000 }),
  /** A texture of 20 000 × 20 000 pixels in some tens of kilobytes. */
  png_bomb: () => triangleGlb({ picture: pngBomb(20_000) }),
  /** A texture that lies on the metadata service of a cloud. */
  external_uri: () => triangleGlb({ pictureUri: 'http://169.254.169.254/latest/meta-data/' }),
  /** Two nodes that are each other's child. */
  node_cycle: () => triangleGlb({ nodes: [{ mesh: 0, children: [1] }, { children: [0] }] }),
  /** A corner at NaN. */
  non_finite: () => triangleGlb({ corner: Number.NaN }),
  /** A chain of 20 000 nodes, to overflow a recursive reader's stack. */
  deep_nodes: () => triangleGlb({ nodes: nodeChain(20_000) }),
  /** Not a GLB at all. */
  garbage: () => Buffer.from('this is not the file that you are looking for\n'.repeat(40)),
} as const satisfies Readonly<Record<string, () => Uint8Array>>;

export type HostileFile = keyof typeof HOSTILE_FILES;

interface TriangleOptions {
  readonly indexCount?: number;
  readonly corner?: number;
  readonly nodes?: readonly object[];
  readonly picture?: Uint8Array;
  readonly pictureUri?: string;
}

function triangleGlb(options: TriangleOptions): Uint8Array {
  const corners = Float32Array.from([0, 0, 0, options.corner ?? 0.4, 0, 0, 0, 0.4, 0]);
  const { binary, views } = joinAligned([
    new Uint8Array(Uint16Array.from([0, 1, 2]).buffer),
    new Uint8Array(corners.buffer),
    new Uint8Array(Float32Array.from([0, 0, 1, 0, 0, 1]).buffer),
    ...(options.picture ? [options.picture] : []),
  ]);
  const image = options.pictureUri ? { uri: options.pictureUri } : { bufferView: 3, mimeType: 'image/png' };
  const textured = options.picture !== undefined || options.pictureUri !== undefined;
  return packGlb(
    {
      asset: { version: '2.0' },
      scene: 0,
      scenes: [{ nodes: [0] }],
      nodes: options.nodes ?? [{ mesh: 0 }],
      meshes: [
        {
          primitives: [
            { attributes: { POSITION: 1, TEXCOORD_0: 2 }, indices: 0, ...(textured ? { material: 0 } : {}) },
          ],
        },
      ],
      ...(textured
        ? {
            materials: [{ pbrMetallicRoughness: { baseColorTexture: { index: 0 } } }],
            textures: [{ source: 0 }],
            images: [image],
          }
        : {}),
      accessors: [
        { bufferView: 0, componentType: 5123, count: options.indexCount ?? 3, type: 'SCALAR' },
        { bufferView: 1, componentType: 5126, count: 3, type: 'VEC3', min: [0, 0, 0], max: [0.4, 0.4, 0] },
        { bufferView: 2, componentType: 5126, count: 3, type: 'VEC2' },
      ],
      bufferViews: views,
      buffers: [{ byteLength: binary.byteLength }],
    },
    binary,
  );
}

function nodeChain(length: number): object[] {
  return Array.from({ length }, (_, index) => (index === length - 1 ? { mesh: 0 } : { children: [index + 1] }));
}

/** A black-and-white PNG of `edge`² pixels, all of one colour. */
function pngBomb(edge: number): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(edge, 0);
  header.writeUInt32BE(edge, 4);
  header.set([1, 0, 0, 0, 0], 8);
  const pixels = deflateSync(Buffer.alloc(edge * (1 + Math.ceil(edge / 8))), { level: 9 });
  const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  return Buffer.concat([signature, pngChunk('IHDR', header), pngChunk('IDAT', pixels), pngChunk('IEND')]);
}
