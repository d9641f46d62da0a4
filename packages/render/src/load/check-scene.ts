import {
  Box3,
  type BufferAttribute,
  type BufferGeometry,
  type InterleavedBufferAttribute,
  Mesh,
  type Object3D,
  SkinnedMesh,
  Sphere,
  Vector3,
} from 'three';
import { type Bounds, GlbRefused } from '../glb-fault.js';
import type { GlbLimits } from '../limits.js';
import type { LoadedScene } from './load-scene.js';

type Attribute = BufferAttribute | InterleavedBufferAttribute;

/** A mesh's surface in the scene, as far as the checks and the textures' sizes need it. */
export interface SurfaceMesh {
  readonly mesh: Mesh;
  /** Positions in the scene, x y z of every vertex; only those that a triangle uses are set. */
  readonly positions: Float32Array;
  /** Vertex numbers, three a triangle; undefined where the vertices themselves are in that order. */
  readonly index: Attribute | undefined;
  readonly triangles: number;
}

/** Bounds below this are nothing: a thousandth of a pixel. */
const MIN_SIZE = 1e-6;
const MIN_AREA = 1e-12;
/** What positions of 32 bits are off by near one: 0.6 as a file has it is more than 0.6. */
const ROUNDING = 1e-6;

/**
 * Checks what only shows once the geometry is decoded. A silent blank picture is what each of these would give.
 *
 * @returns The scene's surfaces and bounds; bounds count only vertices that something uses.
 * @throws GlbRefused `index_range`, `bad_accessor`, `non_finite`, `degenerate`, `too_complex`, `no_mesh`
 */
export function checkScene(scene: LoadedScene, limits: GlbLimits): { surfaces: SurfaceMesh[]; bounds: Bounds } {
  scene.root.updateMatrixWorld(true);
  const meshes: Mesh[] = [];
  scene.root.traverse((object: Object3D) => {
    if (object instanceof Mesh) meshes.push(object);
  });
  if (meshes.length === 0) throw new GlbRefused({ code: 'no_mesh', detail: 'its primitives are no triangles' });

  const box = new Box3();
  const geometries = new Map<BufferGeometry, Uint8Array>();
  const surfaces: SurfaceMesh[] = [];
  const limit = limits.max_triangles;
  let [triangles, vertices] = [0, 0];
  for (const mesh of meshes) {
    const place = scene.placeOf(mesh);
    // Geometry that several nodes share is looked at once; its place in the scene differs.
    const used = geometries.get(mesh.geometry) ?? checkGeometry(mesh.geometry, place);
    geometries.set(mesh.geometry, used);
    // Accessors were counted; what else Draco data hold shows only now.
    triangles += trianglesOf(mesh);
    vertices += used.length;
    if (triangles > limit) throw new GlbRefused({ code: 'too_complex', what: 'triangles', count: triangles, limit });
    if (vertices > 3 * limit) {
      throw new GlbRefused({ code: 'too_complex', what: 'vertices', count: vertices, limit: 3 * limit });
    }
    const surface = place3d(mesh, used, box, place);
    surfaces.push(surface);
  }
  if (!(box.getSize(new Vector3()).length() > MIN_SIZE)) {
    throw new GlbRefused({ code: 'degenerate', detail: 'the mesh has no size' });
  }
  if (!hasArea(surfaces)) throw new GlbRefused({ code: 'degenerate', detail: 'no triangle has an area' });
  return { surfaces, bounds: toBounds(box) };
}

/**
 * The last check of all: the mesh lies within the cube that the rules give it.
 *
 * @throws GlbRefused `out_of_bounds`
 */
export function checkBounds(bounds: Bounds, limit: number): void {
  const reach = Math.max(...bounds.min.map(Math.abs), ...bounds.max.map(Math.abs));
  if (reach > limit + ROUNDING) throw new GlbRefused({ code: 'out_of_bounds', bounds, limit });
}

/** @returns For every vertex, whether something uses it. */
function checkGeometry(geometry: BufferGeometry, place: string): Uint8Array {
  const vertices = geometry.getAttribute('position').count;
  const used = new Uint8Array(vertices);
  const index = geometry.getIndex();
  if (index) {
    const { array } = index;
    for (let i = 0; i < array.length; i += 1) {
      const vertex = array[i] ?? 0;
      if (vertex >= vertices) {
        throw new GlbRefused({ code: 'index_range', where: `${place}.indices`, index: vertex, vertices });
      }
      used[vertex] = 1;
    }
  } else {
    used.fill(1);
  }
  for (const [name, attribute] of Object.entries(geometry.attributes)) {
    checkAttribute(attribute, used, `${place}.attributes.${name}`);
  }
  for (const [name, targets] of Object.entries(geometry.morphAttributes)) {
    for (const target of targets ?? []) checkAttribute(target, used, `${place}.targets.${name}`);
  }
  return used;
}

function checkAttribute(attribute: Attribute, used: Uint8Array, where: string): void {
  // Accessors agree on their counts; what else Draco data hold shows only now.
  if (attribute.count !== used.length) {
    const detail = `has ${attribute.count} elements for ${used.length} vertices`;
    throw new GlbRefused({ code: 'bad_accessor', where, detail });
  }
  if (!isFiniteWhereUsed(attribute, used)) throw new GlbRefused({ code: 'non_finite', where });
}

/** Unused vertices may hold anything: they are never drawn. */
function isFiniteWhereUsed(attribute: Attribute, used: Uint8Array): boolean {
  if (!(attribute.array instanceof Float32Array)) return true;
  let sum = 0;
  for (let component = 0; component < attribute.itemSize; component += 1) {
    for (let i = 0; i < used.length; i += 1) {
      // Zero times anything finite is zero; times NaN or infinity it is NaN, and stays so in the sum.
      if (used[i]) sum += attribute.getComponent(i, component) * 0;
    }
  }
  return sum === 0;
}

/** Puts a mesh's used vertices where the scene has them, skins and morph targets applied, and grows the box. */
function place3d(mesh: Mesh, used: Uint8Array, box: Box3, place: string): SurfaceMesh {
  if (mesh instanceof SkinnedMesh) checkJoints(mesh, used, place);
  const attribute = mesh.geometry.getAttribute('position');
  const positions = new Float32Array(attribute.count * 3);
  const deformed = mesh instanceof SkinnedMesh || (mesh.morphTargetInfluences?.length ?? 0) > 0;
  const point = new Vector3();
  const local = new Box3();
  for (let i = 0; i < attribute.count; i += 1) {
    if (!used[i]) continue;
    if (deformed) mesh.getVertexPosition(i, point);
    else point.fromBufferAttribute(attribute, i);
    local.expandByPoint(point);
    point.applyMatrix4(mesh.matrixWorld);
    box.expandByPoint(point);
    point.toArray(positions, i * 3);
  }
  const corners = local.isEmpty() ? [] : [...local.min, ...local.max, ...box.min, ...box.max];
  for (const value of corners) {
    if (!Number.isFinite(value)) throw new GlbRefused({ code: 'non_finite', where: `${place} as placed in the scene` });
  }
  // three would compute it from all vertices, used or not; it sorts transparent meshes by it.
  mesh.geometry.boundingSphere = local.getBoundingSphere(new Sphere());
  mesh.frustumCulled = false;
  const index = mesh.geometry.getIndex() ?? undefined;
  return { mesh, positions, index, triangles: trianglesOf(mesh) };
}

function trianglesOf({ geometry }: Mesh): number {
  return Math.floor((geometry.getIndex() ?? geometry.getAttribute('position')).count / 3);
}

function checkJoints(mesh: SkinnedMesh, used: Uint8Array, place: string): void {
  const joints = mesh.geometry.getAttribute('skinIndex');
  const bones = mesh.skeleton.bones.length;
  for (let i = 0; i < used.length; i += 1) {
    if (!used[i]) continue;
    for (let component = 0; component < 4; component += 1) {
      const joint = joints.getComponent(i, component);
      if (joint >= bones) {
        throw new GlbRefused({
          code: 'index_range',
          where: `${place}.attributes.JOINTS_0`,
          index: joint,
          vertices: bones,
        });
      }
    }
  }
}

function hasArea(surfaces: readonly SurfaceMesh[]): boolean {
  return surfaces.some((surface) => {
    for (let triangle = 0; triangle < surface.triangles; triangle += 1) {
      if (triangleArea(surface, triangle) > MIN_AREA) return true;
    }
    return false;
  });
}

/** Area of one triangle in scene units squared. */
export function triangleArea({ positions, index }: SurfaceMesh, triangle: number): number {
  const [a, b, c] = [0, 1, 2].map((corner) => 3 * vertexOf(index, triangle * 3 + corner)) as [number, number, number];
  const at = (i: number): number => positions[i] ?? 0;
  const ux = at(b) - at(a);
  const uy = at(b + 1) - at(a + 1);
  const uz = at(b + 2) - at(a + 2);
  const vx = at(c) - at(a);
  const vy = at(c + 1) - at(a + 1);
  const vz = at(c + 2) - at(a + 2);
  return 0.5 * Math.hypot(uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx);
}

export function vertexOf(index: Attribute | undefined, corner: number): number {
  return index ? (index.array[corner] ?? 0) : corner;
}

function toBounds({ min, max }: Box3): Bounds {
  return { min: [min.x, min.y, min.z], max: [max.x, max.y, max.z] };
}
