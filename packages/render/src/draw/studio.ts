import { Color, Group, MathUtils, type Mesh, type Object3D, SkinnedMesh, Vector3 } from 'three';
import { openGlb, refusal } from '../check/check-glb.js';
import { type Bounds, GlbRefused } from '../glb-fault.js';
import { checkBounds, checkScene } from '../load/check-scene.js';
import { loadScene } from '../load/load-scene.js';
import { loadTextures } from '../load/load-textures.js';
import { texturesOf } from '../load/texel-density.js';
import type { JobOutcome, RenderJob, Shot } from '../pool/job.js';
import { RenderError } from '../render-error.js';
import { CAMERA_FOV_DEGREES } from '../view-sets.js';
import { type BlendedSurfaces, prepareBlended } from './blended-surfaces.js';
import { placeCamera } from './camera.js';
import { driverName } from './driver-name.js';
import { downsample, encodeGrid, encodeTile, isBlank, type Tile } from './encode.js';
import { type Lighting, setUpLighting } from './lighting.js';
import { ProgramPins } from './program-pins.js';
import { orderByScene } from './scene-order.js';
import { openStage, type Stage } from './stage.js';

/** Renders one job after another on one GL context. */
export interface Studio {
  /** What GL calls its driver. */
  readonly driver: string;
  /** A fault of the file is an outcome; whatever is thrown is ours (`RenderError`, or a bug). */
  render(job: RenderJob): Promise<JobOutcome>;
  /** Whether the last job has left nothing behind that the next could see. */
  readonly clean: boolean;
}

/** Drawn at twice the size and brought down with a Lanczos kernel: the same on every driver, unlike multisampling. */
const SUPERSAMPLING = 2;

/** Textures that three makes once and keeps: its table of reflectance, and the picture behind transparent glass. */
const KEPT_TEXTURES = 2;

/** How near the camera the surface of an object usually comes: the nearest face of the unit cube. */
const NEAR_SURFACE = 0.5;

/**
 * Opens the process's GL context and computes what all renders share.
 *
 * @throws RenderError `context_unavailable`
 */
export function openStudio(): Studio {
  const stage = openStage(16);
  const lighting = setUpLighting(stage);
  const pins = new ProgramPins(stage.renderer);
  const setOrder = orderByScene(stage.renderer);
  stage.reset();
  assertSound(stage);
  const { memory } = stage.renderer.info;
  const before = { ...memory };
  let clean = true;

  return {
    driver: driverName(stage.gl),
    get clean() {
      return clean;
    },
    render: async (job) => {
      try {
        return await renderJob({ stage, lighting, pins, setOrder }, job);
      } catch (error) {
        if (error instanceof GlbRefused) return refusal(error.fault);
        throw error;
      } finally {
        // The job's pictures are drawn and sound. What is wrong by now is wrong for the next job.
        clean =
          stage.takeFault() === undefined &&
          memory.geometries <= before.geometries &&
          memory.textures <= before.textures + KEPT_TEXTURES;
      }
    },
  };
}

/** @throws RenderError `render_failed` */
function assertSound(stage: Stage): void {
  const detail = stage.takeFault();
  if (detail !== undefined) throw new RenderError({ code: 'render_failed', detail });
}

interface Equipment {
  readonly stage: Stage;
  readonly lighting: Lighting;
  readonly pins: ProgramPins;
  /** See `orderByScene`. */
  readonly setOrder: (root: Object3D) => void;
}

/** @throws GlbRefused */
async function renderJob(equipment: Equipment, job: RenderJob): Promise<JobOutcome> {
  const clock = new Stopwatch();
  const glb = openGlb(job.glb, job.limits);
  clock.lap('checkMs');
  const loaded = await loadScene(glb, 3 * job.limits.max_triangles);
  const { surfaces, bounds } = checkScene(loaded, job.limits);
  const root = job.normalise ? fitted(loaded.root, bounds) : loaded.root;
  const shown = job.normalise ? fittedBounds(bounds) : bounds;
  clock.lap('loadMs');
  await loadTextures(glb, loaded, surfaces, pixelsPerUnit(job.shots));
  clock.lap('texturesMs');
  checkBounds(shown, job.limits.bounds);

  const { stage, lighting } = equipment;
  const blended = prepareBlended(surfaces);
  lighting.use(job.lighting);
  stage.scene.add(root);
  equipment.setOrder(root);
  let drawn: Promise<Tile>[];
  try {
    drawn = drawShots(equipment, job.shots, blended);
  } finally {
    root.removeFromParent();
    release(equipment, [...surfaces.map(({ mesh }) => mesh), ...blended.added]);
  }
  clock.lap('drawMs');
  const tiles = await Promise.all(drawn);
  // A grid on which nothing shows is refused like a mesh without area: a judge has nothing to judge. One view alone may
  // rightly be empty, as of a sheet seen from its edge.
  if (job.grid !== null && tiles.every(isBlank)) {
    throw new GlbRefused({ code: 'degenerate', detail: 'every view of it is empty' });
  }
  const pictures = await encodePictures(job, tiles);
  clock.lap('encodeMs');
  return { ok: true, ...pictures, facts: { ...glb.facts, bounds: shown }, timings: clock.read() };
}

function drawShots({ stage, lighting }: Equipment, shots: readonly Shot[], blended: BlendedSurfaces): Promise<Tile>[] {
  const tiles = new Array<Promise<Tile>>(shots.length);
  const forward = new Vector3();
  // By size, so that the drawing buffer is resized as seldom as possible.
  const bySize = [...shots.entries()].sort(([, a], [, b]) => a.edgePx - b.edgePx);
  for (const [i, shot] of bySize) {
    stage.resize(shot.edgePx * SUPERSAMPLING);
    stage.scene.background = new Color(shot.background);
    placeCamera(stage.camera, shot, shot.radius);
    lighting.follow();
    blended.lookAlong(stage.camera.getWorldDirection(forward));
    stage.renderer.render(stage.scene, stage.camera);
    const tile = downsample(stage.read(), shot.edgePx * SUPERSAMPLING, shot.edgePx);
    // Awaited only when all shots are drawn: it runs in parallel to the next. Until then nothing else handles its failure.
    tile.catch(() => undefined);
    tiles[i] = tile;
  }
  assertSound(stage);
  return tiles;
}

async function encodePictures(job: RenderJob, tiles: readonly Tile[]) {
  const gridTiles = job.grid?.shots.flatMap((i) => tiles[i] ?? []) ?? [];
  const grid = job.grid ? await encodeGrid(gridTiles, job.grid.edgePx, job.grid.gapPx) : null;
  const single = await Promise.all(
    job.single.flatMap((i) => {
      const [shot, tile] = [job.shots[i], tiles[i]];
      return shot && tile ? [encodeTile(tile).then((png) => ({ name: shot.name, png }))] : [];
    }),
  );
  return { grid, single };
}

/** Frees all that a job has put on the GPU, and brings GL back to where the job found it. */
function release({ stage, pins }: Equipment, meshes: readonly Mesh[]): void {
  stage.reset();
  for (const mesh of meshes) {
    mesh.geometry.dispose();
    if (mesh instanceof SkinnedMesh) mesh.skeleton.dispose();
    const materials = Array.isArray(mesh.material) ? mesh.material : [mesh.material];
    for (const texture of texturesOf(materials)) {
      texture.dispose();
      // A material that is kept for its programs still refers to its textures in its uniforms.
      texture.source.data = null;
    }
    for (const material of materials) pins.release(material);
  }
  stage.renderer.renderLists.dispose();
}

function fitted(root: Object3D, { min, max }: Bounds): Object3D {
  const scale = 1 / Math.max(max[0] - min[0], max[1] - min[1], max[2] - min[2]);
  const group = new Group();
  group.add(root);
  group.scale.setScalar(scale);
  group.position.set(...centre({ min, max })).multiplyScalar(-scale);
  return group;
}

function fittedBounds({ min, max }: Bounds): Bounds {
  const size = [0, 1, 2].map((i) => (max[i] ?? 0) - (min[i] ?? 0)) as [number, number, number];
  const half = size.map((edge) => edge / (2 * Math.max(...size))) as [number, number, number];
  return { min: [-half[0], -half[1], -half[2]], max: half };
}

function centre({ min, max }: Bounds): [number, number, number] {
  return [(min[0] + max[0]) / 2, (min[1] + max[1]) / 2, (min[2] + max[2]) / 2];
}

/** How large the nearest shot draws a unit of the scene, in supersampled pixels. */
function pixelsPerUnit(shots: readonly Shot[]): number {
  const halfView = Math.tan(MathUtils.degToRad(CAMERA_FOV_DEGREES / 2));
  return Math.max(
    ...shots.map(({ edgePx, radius }) => {
      const distance = Math.max(radius - NEAR_SURFACE, 0.25);
      return (edgePx * SUPERSAMPLING) / (2 * distance * halfView);
    }),
  );
}

/** Times the steps of a render. */
class Stopwatch {
  readonly #start = performance.now();
  #last = this.#start;
  readonly #laps = { checkMs: 0, loadMs: 0, texturesMs: 0, drawMs: 0, encodeMs: 0 };

  lap(step: 'checkMs' | 'loadMs' | 'texturesMs' | 'drawMs' | 'encodeMs'): void {
    const now = performance.now();
    this.#laps[step] += now - this.#last;
    this.#last = now;
  }

  read() {
    return { ...this.#laps, workerMs: performance.now() - this.#start };
  }
}
