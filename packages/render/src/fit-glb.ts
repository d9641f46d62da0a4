import { type Document, getBounds, NodeIO } from '@gltf-transform/core';
import { ALL_EXTENSIONS } from '@gltf-transform/extensions';
import draco3d from 'draco3dgltf';
import { MeshoptDecoder } from 'meshoptimizer';
import { checkGlb } from './check/check-glb.js';
import { DRACO, MESHOPT } from './check/extensions.js';
import { GLB_LIMITS_DEFAULTS, type GlbLimits } from './limits.js';
import { RenderError } from './render-error.js';

/**
 * Rewrites a GLB so that its scene is centred at the origin and its longest edge is one unit: what miners are asked to
 * deliver. Geometry and images stay as they are, except that Draco and meshopt compression is undone; one node above
 * the scene's moves and scales them. For test assets and previews.
 *
 * @example
 * await writeFile('duck.glb', await fitGlb(await readFile('Duck.glb')));
 *
 * @throws RenderError `bad_glb` for what `checkGlb` refuses, and for a scene without size
 */
export async function fitGlb(glb: Uint8Array, limits: GlbLimits = GLB_LIMITS_DEFAULTS): Promise<Uint8Array> {
  const check = checkGlb(glb, limits);
  if (!check.ok) throw new RenderError({ code: 'bad_glb', reason: check.message });

  await MeshoptDecoder.ready;
  const io = new NodeIO().registerExtensions(ALL_EXTENSIONS).registerDependencies({
    'draco3d.decoder': await draco3d.createDecoderModule(),
    'meshopt.decoder': MeshoptDecoder,
  });
  let document: Document;
  try {
    document = await io.readBinary(glb);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.slice(0, 200) : 'it does not parse';
    throw new RenderError({ code: 'bad_glb', reason }, { cause });
  }
  for (const extension of document.getRoot().listExtensionsUsed()) {
    if (extension.extensionName === DRACO || extension.extensionName === MESHOPT) extension.dispose();
  }
  fitScene(document);
  return io.writeBinary(document);
}

function fitScene(document: Document): void {
  const root = document.getRoot();
  const scene = root.getDefaultScene() ?? root.listScenes()[0];
  if (!scene) throw new RenderError({ code: 'bad_glb', reason: 'it has no scene' });
  const { min, max } = getBounds(scene);
  const size = Math.max(max[0] - min[0], max[1] - min[1], max[2] - min[2]);
  if (!(size > 0 && Number.isFinite(size))) throw new RenderError({ code: 'bad_glb', reason: 'its scene has no size' });

  const scale = 1 / size;
  const middle = [0, 1, 2].map((axis) => -scale * (((min[axis] ?? 0) + (max[axis] ?? 0)) / 2));
  const fit = document
    .createNode('fit')
    .setScale([scale, scale, scale])
    .setTranslation(middle as [number, number, number]);
  for (const child of scene.listChildren()) fit.addChild(child);
  scene.addChild(fit);
  root.setDefaultScene(scene);
}
