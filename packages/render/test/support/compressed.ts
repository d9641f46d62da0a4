import { createRequire } from 'node:module';
import { NodeIO } from '@gltf-transform/core';
import { EXTMeshoptCompression, KHRDracoMeshCompression, KHRMeshQuantization } from '@gltf-transform/extensions';
import { encodeToKTX2 } from 'ktx2-encoder';
import { MeshoptEncoder } from 'meshoptimizer';
import { boxGlb } from './glb-builder.js';

/** It ships no types. */
const draco3d = createRequire(import.meta.url)('draco3dgltf') as { createEncoderModule(): Promise<unknown> };

/** Encodes RGBA pixels as a Basis Universal KTX2 with mip levels. */
export async function encodeKtx2(rgba: Uint8Array, edgePx: number, mode: 'uastc' | 'etc1s'): Promise<Buffer> {
  const log = console.log;
  console.log = () => undefined; // the encoder tells of every slice
  try {
    const encoded = await encodeToKTX2(new Uint8Array(1), {
      isUASTC: mode === 'uastc',
      needSupercompression: mode === 'uastc',
      generateMipmap: true,
      imageDecoder: async () => ({ width: edgePx, height: edgePx, data: new Uint8Array(rgba) }),
    });
    return Buffer.from(encoded);
  } finally {
    console.log = log;
  }
}

/** A box whose texture is KTX2. */
export function ktx2Glb(image: Buffer): Buffer {
  return boxGlb(
    ({ json }) => {
      json.textures = [{ extensions: { KHR_texture_basisu: { source: 0 } } }];
      json.extensionsUsed = ['KHR_texture_basisu'];
      json.extensionsRequired = ['KHR_texture_basisu'];
    },
    { image, mimeType: 'image/ktx2' },
  );
}

/** Compresses a GLB's geometry with Draco. */
export async function dracoGlb(glb: Uint8Array): Promise<Uint8Array> {
  const io = new NodeIO()
    .registerExtensions([KHRDracoMeshCompression])
    .registerDependencies({ 'draco3d.encoder': await draco3d.createEncoderModule() });
  const document = await io.readBinary(glb);
  document.createExtension(KHRDracoMeshCompression).setRequired(true);
  return io.writeBinary(document);
}

/** Compresses a GLB's buffers with meshopt. */
export async function meshoptGlb(glb: Uint8Array): Promise<Uint8Array> {
  await MeshoptEncoder.ready;
  const io = new NodeIO()
    .registerExtensions([EXTMeshoptCompression, KHRMeshQuantization])
    .registerDependencies({ 'meshopt.encoder': MeshoptEncoder });
  const document = await io.readBinary(glb);
  document
    .createExtension(EXTMeshoptCompression)
    .setRequired(true)
    .setEncoderOptions({ method: EXTMeshoptCompression.EncoderMethod.QUANTIZE });
  return io.writeBinary(document);
}
