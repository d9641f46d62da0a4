import { MeshoptDecoder } from 'meshoptimizer';
import {
  type BufferGeometry,
  DataTexture,
  type Group,
  type LinearSRGBColorSpace,
  LoadingManager,
  type Texture,
} from 'three';
import { type GLTF, GLTFLoader, type GLTFParser } from 'three/addons/loaders/GLTFLoader.js';
import type { CheckedGlb } from '../check/check-glb.js';
import { supportedExtensions } from '../check/extensions.js';
import { sceneIndex } from '../check/graph.js';
import { GlbRefused } from '../glb-fault.js';
import { type DracoAttributeRequest, decodeDraco } from './draco-decoder.js';

/** A scene as three knows it, with textures that have no pixels yet. */
export interface LoadedScene {
  readonly root: Group;
  /** The image that each texture shows, as an index into the GLB's images. */
  readonly imageOf: (texture: Texture) => number | undefined;
  /** Where an object of the scene came from, as in `meshes[0].primitives[1]`. */
  readonly placeOf: (object: object) => string;
}

/** The part of three's DRACOLoader that its GLTFLoader calls. */
interface DracoLoaderLike {
  preload(): void;
  decodeDracoFile(
    bytes: ArrayBuffer,
    done: (geometry: BufferGeometry) => void,
    ids: Readonly<Record<string, number>>,
    arrays: Readonly<Record<string, string>>,
    colorSpace: typeof LinearSRGBColorSpace,
    failed: (error: unknown) => void,
  ): void;
}

/**
 * Builds three's scene from a checked GLB: geometry, materials and nodes.
 *
 * Images are left out: their textures come empty, so that the geometry can be checked, and the size at which each image
 * is worth decoding be known, before the first of them is decoded.
 *
 * @throws GlbRefused `bad_buffer`, `bad_json`, `bad_accessor`, `too_complex`
 */
export async function loadScene(glb: CheckedGlb, maxPoints: number): Promise<LoadedScene> {
  const scene = glb.gltf.scenes?.[sceneIndex(glb.gltf)] ?? {};
  const json = {
    ...glb.gltf,
    extensionsUsed: supportedExtensions(glb.gltf.extensionsUsed ?? []),
    extensionsRequired: [],
    scene: 0,
    scenes: [scene],
  };

  const manager = new LoadingManager();
  // Nothing in a checked file has a URL; should a loader come to want one all the same, it does not get it.
  manager.setURLModifier((url) => {
    throw new GlbRefused({ code: 'external_uri', where: 'the file', uri: url.slice(0, 100) });
  });
  const loader = new GLTFLoader(manager);
  loader.setMeshoptDecoder(meshopt);
  loader.setDRACOLoader(dracoLoader(maxPoints) as unknown as Parameters<typeof loader.setDRACOLoader>[0]);
  // Only to be there: images never get as far as a texture loader (see `fromMemory`).
  loader.setKTX2Loader({} as unknown as Parameters<typeof loader.setKTX2Loader>[0]);

  const images = new Map<Texture['source'], number>();
  loader.register((parser) => fromMemory(parser, glb, images));
  let loaded: GLTF;
  try {
    loaded = await loader.parseAsync(json as unknown as string, '');
  } catch (error) {
    if (error instanceof GlbRefused) throw error;
    // What the checks let through and three still cannot load is broken in a way that no retry mends.
    const reason = error instanceof Error ? error.message.slice(0, 200) : 'does not load';
    throw new GlbRefused({ code: 'bad_json', where: 'the scene', reason });
  }
  const { associations } = loaded.parser;
  return {
    root: loaded.scene,
    imageOf: (texture) => images.get(texture.source),
    placeOf: (object) => {
      const place = associations.get(object as Group);
      return `meshes[${place?.meshes ?? '?'}].primitives[${place?.primitives ?? 0}]`;
    },
  };
}

/** Serves a parser's bytes from the checked GLB, and its images as textures without pixels. */
function fromMemory(parser: GLTFParser, glb: CheckedGlb, images: Map<Texture['source'], number>) {
  const views = glb.gltf.bufferViews ?? [];
  const textures = new Map<number, DataTexture>();
  parser.loadBuffer = async () => new Uint8Array(glb.bin).buffer;
  parser.loadBufferView = async (index) => {
    const view = views[index];
    if (!view) throw new GlbRefused({ code: 'bad_buffer', where: `bufferViews[${index}]`, reason: 'does not exist' });
    const offset = view.byteOffset ?? 0;
    // three maps whole strides, but a file may leave out the last element's padding.
    const stride = view.byteStride ?? 1;
    const bytes = new Uint8Array(Math.ceil(view.byteLength / stride) * stride);
    bytes.set(glb.bin.subarray(offset, offset + view.byteLength));
    return bytes.buffer;
  };
  parser.loadImageSource = async (index) => {
    let texture = textures.get(index);
    if (!texture) {
      texture = new DataTexture(null, 1, 1);
      textures.set(index, texture);
      images.set(texture.source, index);
    }
    return texture.clone();
  };
  return { name: 'TILTYARD_from_memory' };
}

const meshopt: typeof MeshoptDecoder = {
  ...MeshoptDecoder,
  decodeGltfBufferAsync: async (count, size, source, mode, filter) => {
    await MeshoptDecoder.ready;
    const target = new Uint8Array(count * size);
    try {
      MeshoptDecoder.decodeGltfBuffer(target, count, size, source, mode, filter);
    } catch (error) {
      const reason = `cannot be decoded: ${error instanceof Error ? error.message.slice(0, 200) : 'malformed'}`;
      throw new GlbRefused({ code: 'bad_buffer', where: 'meshopt data', reason });
    }
    return target;
  },
};

function dracoLoader(maxPoints: number): DracoLoaderLike {
  return {
    preload: () => undefined,
    decodeDracoFile: (bytes, done, ids, arrays, _colorSpace, failed) => {
      const requests = Object.entries(ids).flatMap(([name, id]): DracoAttributeRequest[] => {
        const array = arrays[name];
        return array === undefined ? [] : [{ name, id, array }];
      });
      decodeDraco(new Uint8Array(bytes), requests, maxPoints).then(done, failed);
    },
  };
}
