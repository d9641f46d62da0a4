import { MeshoptDecoder } from 'meshoptimizer';
import {
  type BufferGeometry,
  DataTexture,
  type Group,
  type LinearSRGBColorSpace,
  LoadingManager,
  NoColorSpace,
  SkinnedMesh,
  type Texture,
} from 'three';
import { type GLTF, GLTFLoader, type GLTFParser } from 'three/addons/loaders/GLTFLoader.js';
import type { CheckedGlb } from '../check/check-glb.js';
import { SUPPORTED_EXTENSIONS } from '../check/extensions.js';
import type { Gltf } from '../check/gltf-schema.js';
import { sceneIndex } from '../check/graph.js';
import { GlbRefused } from '../glb-fault.js';
import { type DracoAttributeRequest, decodeDraco } from './draco-decoder.js';
import { loadAccessor } from './load-accessor.js';

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
  const manager = new LoadingManager();
  // Nothing in a checked file has a URL; should a loader come to want one all the same, it does not get it.
  manager.setURLModifier((url) => {
    throw new GlbRefused({ code: 'external_uri', where: 'the file', uri: url.slice(0, 100) });
  });
  const loader = new GLTFLoader(manager);
  loader.setMeshoptDecoder(meshopt);
  loader.setDRACOLoader(dracoLoader(maxPoints) as unknown as Parameters<typeof loader.setDRACOLoader>[0]);
  const images = new Map<Texture['source'], number>();
  loader.register((parser) => fromMemory(parser, glb, images));
  let loaded: GLTF;
  try {
    loaded = await loader.parseAsync(jsonForThree(glb.gltf) as unknown as string, '');
  } catch (error) {
    if (error instanceof GlbRefused) throw error;
    // If the checks let it through and three still cannot load it, no retry helps.
    const detail = error instanceof Error ? error.message.slice(0, 200) : 'does not load';
    throw new GlbRefused({ code: 'bad_json', where: 'the scene', detail });
  }
  turnMirroredSkins(loaded.scene);
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

/** Mirrors the node of a mesh whose joints mirror it: three turns faces round by the node, which moves nothing else here. */
function turnMirroredSkins(root: Group): void {
  root.updateMatrixWorld(true);
  root.traverse((object) => {
    if (!(object instanceof SkinnedMesh)) return;
    const { bones, boneInverses } = object.skeleton;
    const signs = bones.map((bone, i) =>
      Math.sign(bone.matrixWorld.determinant() * (boneInverses[i]?.determinant() ?? 1)),
    );
    if (signs.reduce((sum, sign) => sum + sign, 0) < 0) object.scale.x = -1;
  });
}

/** The document as three's loader takes it: one scene, and harmless entries where nothing is drawn. */
function jsonForThree(gltf: Gltf): object {
  const orEmpty = <T>(list: readonly (T | undefined)[], empty: object = {}) => list.map((entry) => entry ?? empty);
  return {
    asset: gltf.asset,
    // All of them: what a file uses without saying so, three's loader would stumble over.
    extensionsUsed: [...SUPPORTED_EXTENSIONS],
    extensionsRequired: [],
    scene: 0,
    scenes: [gltf.scenes[sceneIndex(gltf)]],
    nodes: orEmpty(gltf.nodes),
    meshes: orEmpty(gltf.meshes, { primitives: [] }),
    skins: orEmpty(gltf.skins, { joints: [] }),
    materials: orEmpty(gltf.materials),
    textures: orEmpty(gltf.textures),
    samplers: orEmpty(gltf.samplers),
    images: orEmpty(gltf.images),
    // It warns about positions without bounds, on standard error; `checkScene` finds the real ones.
    accessors: orEmpty(gltf.accessors).map((accessor) => ({ ...accessor, min: [0, 0, 0], max: [0, 0, 0] })),
    bufferViews: orEmpty(gltf.bufferViews),
    buffers: orEmpty(gltf.buffers),
  };
}

/** Serves a parser's bytes from the checked GLB, and its images as textures without pixels. */
function fromMemory(parser: GLTFParser, glb: CheckedGlb, images: Map<Texture['source'], number>) {
  const textures = new Map<number, DataTexture>();
  parser.loadBuffer = async () => new Uint8Array(glb.bin).buffer;
  parser.loadBufferView = async (index) => {
    const view = glb.gltf.bufferViews[index];
    if (!view) throw new GlbRefused({ code: 'bad_buffer', where: `bufferViews[${index}]`, detail: 'does not exist' });
    const offset = view.byteOffset ?? 0;
    return new Uint8Array(glb.bin.subarray(offset, offset + view.byteLength)).buffer;
  };
  parser.loadAccessor = (index) =>
    loadAccessor(glb.gltf, index, (view) => parser.getDependency('bufferView', view) as Promise<ArrayBuffer>);
  parser.loadImageSource = async (index) => {
    let texture = textures.get(index);
    if (!texture) {
      texture = new DataTexture(null, 1, 1);
      textures.set(index, texture);
      images.set(texture.source, index);
    }
    return texture.clone();
  };
  // three's loader shares a texture between all that name it, and writes a colour space into what is shared.
  const assignTexture = parser.assignTexture.bind(parser);
  parser.assignTexture = async (params, name, info, colorSpace = NoColorSpace) => {
    const own = (await assignTexture(params, name, info))?.clone() ?? null;
    if (own) params[name] = Object.assign(own, { colorSpace });
    return own;
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
      const detail = `cannot be decoded: ${error instanceof Error ? error.message.slice(0, 200) : 'malformed'}`;
      throw new GlbRefused({ code: 'bad_buffer', where: 'meshopt data', detail });
    }
    return target;
  },
};

/** @param maxPoints - Vertices that all Draco data of a file may unpack to, and likewise indices. */
function dracoLoader(maxPoints: number): DracoLoaderLike {
  let [vertices, indices] = [0, 0];
  const counted = (geometry: BufferGeometry): BufferGeometry => {
    vertices += Object.values(geometry.attributes)[0]?.count ?? 0;
    indices += geometry.getIndex()?.count ?? 0;
    const count = Math.max(vertices, indices);
    if (count <= maxPoints) return geometry;
    throw new GlbRefused({ code: 'too_complex', what: 'vertices of Draco data', count, limit: maxPoints });
  };
  return {
    preload: () => undefined,
    decodeDracoFile: (bytes, done, ids, arrays, _colorSpace, failed) => {
      const requests = Object.entries(ids).flatMap(([name, id]): DracoAttributeRequest[] => {
        const array = arrays[name];
        return array === undefined ? [] : [{ name, id, array }];
      });
      decodeDraco(new Uint8Array(bytes), requests, maxPoints).then(counted).then(done, failed);
    },
  };
}
