import type { Accessor, Document, Material, Mesh, Primitive, Texture } from '@gltf-transform/core';
import { MeshoptSimplifier } from 'meshoptimizer';
import sharp from 'sharp';
import type { Flaws } from './flaws.js';
import { type Rgb, recolourLinear } from './recolour.js';
import { positionNoise } from './vertex-noise.js';

/** glTF's primitive mode for separate triangles. */
const TRIANGLES = 4;
/** How far simplification may move a surface, relative to the mesh's size: far, since that is its purpose here. */
const SIMPLIFY_ERROR = 0.2;
const MIN_TEXTURE_EDGE = 32;
const SHARP_READS: readonly string[] = ['image/png', 'image/jpeg', 'image/webp'];

/**
 * Makes the flaws on a glTF document, in place: coarser meshes, smaller and recoloured textures, another stretch.
 * Neither trim, which is unknown for an unfamiliar model, nor jitter and wobble, which {@link displaceVertices} makes.
 *
 * The result may lie outside the unit cube.
 */
export async function flawDocument(document: Document, flaws: Flaws): Promise<void> {
  const root = document.getRoot();
  if (flaws.detail < 1) {
    await MeshoptSimplifier.ready;
    for (const mesh of root.listMeshes()) simplifyMesh(mesh, flaws.detail);
  }
  const recoloured = new Set<Texture>();
  for (const material of root.listMaterials()) {
    const texture = material.getBaseColorTexture();
    if (texture && SHARP_READS.includes(texture.getMimeType())) recoloured.add(texture);
    else recolourFactor(material, flaws);
  }
  for (const texture of root.listTextures()) await remakeTexture(texture, flaws, recoloured.has(texture));
  for (const scene of root.listScenes()) {
    const stretched = document.createNode('stretch').setScale([...flaws.stretch]);
    for (const child of scene.listChildren()) stretched.addChild(child);
    scene.addChild(stretched);
  }
}

function simplifyMesh(mesh: Mesh, detail: number): void {
  for (const primitive of mesh.listPrimitives()) {
    const indices = primitive.getIndices();
    const positions = primitive.getAttribute('POSITION');
    if (primitive.getMode() !== TRIANGLES || !indices || !positions) continue;
    const points = Float32Array.from(elements(positions).flat());
    const order = Uint32Array.from(indices.getArray() ?? []);
    const target = 3 * Math.max(4, Math.round((order.length / 3) * detail));
    const [simpler] = MeshoptSimplifier.simplify(order, points, 3, target, SIMPLIFY_ERROR);
    if (simpler.length >= 3) indices.setArray(simpler);
  }
}

function recolourFactor(material: Material, flaws: Flaws): void {
  const [red, green, blue, alpha] = material.getBaseColorFactor();
  material.setBaseColorFactor([...recolourLinear([red, green, blue] satisfies Rgb, flaws), alpha]);
}

async function remakeTexture(texture: Texture, flaws: Flaws, recolour: boolean): Promise<void> {
  const bytes = texture.getImage();
  const changed = flaws.detail < 1 || recolourNeeded(flaws);
  if (!bytes || !changed || !SHARP_READS.includes(texture.getMimeType())) return;
  const picture = sharp(bytes, { ignoreIcc: true }).toColourspace('srgb');
  const { width, height, hasAlpha } = await picture.metadata();
  const edge = Math.max(MIN_TEXTURE_EDGE, Math.round(Math.max(width, height) * flaws.detail));
  const resized = picture.resize(edge, edge, { fit: 'inside', withoutEnlargement: true });
  const { hueTurn: hue, saturation, lightness: brightness } = flaws;
  if (recolour) resized.modulate({ hue: Math.round(hue), saturation, brightness });
  const encoded = hasAlpha ? resized.png() : resized.jpeg({ quality: 90 });
  texture.setImage(await encoded.toBuffer()).setMimeType(hasAlpha ? 'image/png' : 'image/jpeg');
}

function recolourNeeded({ hueTurn, saturation, lightness }: Flaws): boolean {
  return hueTurn !== 0 || saturation !== 1 || lightness !== 1;
}

/**
 * Displaces every vertex of a document by at most `reach` along each axis, in place.
 *
 * @param reach - In units of the scene; meshes that a node scales are displaced by as much as it takes there.
 */
export function displaceVertices(document: Document, reach: number, seed: string): void {
  if (reach === 0) return;
  const noise = positionNoise(seed);
  const done = new Set<Accessor>();
  for (const node of document.getRoot().listNodes()) {
    const scale = Math.max(...node.getWorldScale().map(Math.abs)) || 1;
    for (const primitive of node.getMesh()?.listPrimitives() ?? []) {
      const positions = primitive.getAttribute('POSITION');
      if (!positions || done.has(positions)) continue;
      done.add(positions);
      displaceAccessor(document, primitive, positions, (x, y, z, axis) => (reach / scale) * noise(x, y, z, axis));
    }
  }
}

type Displacement = (x: number, y: number, z: number, axis: 0 | 1 | 2) => number;

function displaceAccessor(document: Document, primitive: Primitive, positions: Accessor, by: Displacement): void {
  const moved = elements(positions).map(([x = 0, y = 0, z = 0]) => [
    x + by(x, y, z, 0),
    y + by(x, y, z, 1),
    z + by(x, y, z, 2),
  ]);
  const array = Float32Array.from(moved.flat());
  // A new accessor: the old one may be quantised or shared with a primitive that is another mesh's.
  const buffer = positions.getBuffer();
  primitive.setAttribute('POSITION', document.createAccessor().setType('VEC3').setArray(array).setBuffer(buffer));
}

function elements(accessor: Accessor): number[][] {
  return Array.from({ length: accessor.getCount() }, (_, index) => accessor.getElement(index, []));
}
