import { boxGlb, type GlbParts } from './glb-builder.js';

type Numbers = Float32Array | Uint16Array | Uint8Array;

/** Appends numbers to a GLB in parts as an accessor of their own. @returns Its index. */
export function addAccessor(parts: GlbParts, numbers: Numbers, type: 'VEC2' | 'VEC3' | 'VEC4' | 'MAT4'): number {
  const { json } = parts;
  const components = { VEC2: 2, VEC3: 3, VEC4: 4, MAT4: 16 }[type];
  const bytes = Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  json.bufferViews.push({ buffer: 0, byteOffset: parts.bin.length, byteLength: bytes.length });
  parts.bin = Buffer.concat([parts.bin, bytes, Buffer.alloc(-bytes.length & 3)]);
  json.buffers[0].byteLength = parts.bin.length;
  json.accessors.push({
    bufferView: json.bufferViews.length - 1,
    componentType: numbers instanceof Float32Array ? 5126 : numbers instanceof Uint16Array ? 5123 : 5121,
    ...(numbers instanceof Uint8Array && type === 'VEC4' && { normalized: true }),
    count: numbers.length / components,
    type,
  });
  return json.accessors.length - 1;
}

const VERTICES = 24;

/** A box with `targets` morph targets of positions and normals, every second of them at work. */
export function morphGlb(targets = 3): Buffer {
  return boxGlb((parts) => {
    const shift = addAccessor(parts, new Float32Array(VERTICES * 3).fill(0.01), 'VEC3');
    const turn = addAccessor(parts, new Float32Array(VERTICES * 3).fill(0.1), 'VEC3');
    const [mesh] = parts.json.meshes;
    mesh.primitives[0].targets = new Array(targets).fill({ POSITION: shift, NORMAL: turn });
    mesh.weights = new Array(targets).fill(0).map((_, i) => (i % 2 === 0 ? 0.5 : 0));
  });
}

/** A box that hangs on two bones. */
export function skinnedGlb(): Buffer {
  return boxGlb((parts) => {
    const { json } = parts;
    const joints = new Uint16Array(VERTICES * 4).map((_, i) => (i % 4 === 1 ? 1 : 0));
    const weights = new Float32Array(VERTICES * 4).map((_, i) => (i % 4 < 2 ? 0.5 : 0));
    const identity = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
    Object.assign(json.meshes[0].primitives[0].attributes, {
      JOINTS_0: addAccessor(parts, joints, 'VEC4'),
      WEIGHTS_0: addAccessor(parts, weights, 'VEC4'),
    });
    const inverseBindMatrices = addAccessor(parts, new Float32Array([...identity, ...identity]), 'MAT4');
    json.skins = [{ joints: [1, 2], inverseBindMatrices }];
    json.nodes = [{ mesh: 0, skin: 0 }, { translation: [0.05, 0, 0] }, { rotation: [0, 0, 0.1, 0.995] }];
    json.scenes[0].nodes = [0, 1, 2];
  });
}

/** A box with a colour at every vertex. */
export function colouredGlb(alpha = 255, bend: (parts: GlbParts) => void = () => undefined): Buffer {
  return boxGlb((parts) => {
    const colours = new Uint8Array(VERTICES * 4).map((_, i) => (i % 4 === 3 ? alpha : (i * 37) % 256));
    parts.json.meshes[0].primitives[0].attributes.COLOR_0 = addAccessor(parts, colours, 'VEC4');
    bend(parts);
  });
}

/** A box whose material is bent: `extensions` by their names, all else into the material. */
export function materialGlb(material: object, extensions: Readonly<Record<string, object>> = {}): Buffer {
  return boxGlb(({ json }) => {
    Object.assign(json.materials[0], material, { extensions });
    json.extensionsUsed = Object.keys(extensions);
  });
}
