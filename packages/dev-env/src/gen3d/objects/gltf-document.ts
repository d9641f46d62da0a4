import { createRequire } from 'node:module';
import { type Document, NodeIO } from '@gltf-transform/core';
import { ALL_EXTENSIONS } from '@gltf-transform/extensions';
import { MeshoptDecoder } from 'meshoptimizer';

/** It ships no types. */
const draco3d = createRequire(import.meta.url)('draco3dgltf') as { createDecoderModule(): Promise<unknown> };
const COMPRESSIONS = ['KHR_draco_mesh_compression', 'EXT_meshopt_compression'];

let opening: Promise<NodeIO> | undefined;

/** Reads a GLB as a document whose meshes can be changed: Draco and meshopt compression is undone. */
export async function readDocument(glb: Uint8Array): Promise<Document> {
  const document = await (await openIo()).readBinary(glb);
  for (const extension of document.getRoot().listExtensionsUsed()) {
    if (COMPRESSIONS.includes(extension.extensionName)) extension.dispose();
  }
  return document;
}

/** Writes such a document as a GLB. */
export async function writeDocument(document: Document): Promise<Uint8Array> {
  return (await openIo()).writeBinary(document);
}

function openIo(): Promise<NodeIO> {
  opening ??= (async () => {
    await MeshoptDecoder.ready;
    return new NodeIO().registerExtensions(ALL_EXTENSIONS).registerDependencies({
      'draco3d.decoder': await draco3d.createDecoderModule(),
      'meshopt.decoder': MeshoptDecoder,
    });
  })();
  return opening;
}
