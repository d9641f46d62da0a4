import { describe, expect, it } from 'vitest';
import { openGlb } from '../../src/check/check-glb.js';
import { readContainer } from '../../src/check/container.js';
import { fitGlb, GLB_CAPS, GLB_LIMITS_DEFAULTS } from '../../src/index.js';
import { checkScene } from '../../src/load/check-scene.js';
import { loadScene } from '../../src/load/load-scene.js';
import { dracoGlb, meshoptGlb } from '../support/compressed.js';
import { addView, boxGlb, type GlbParts, type LooseGltf } from '../support/glb-builder.js';

const limits = GLB_LIMITS_DEFAULTS;

async function fitted(glb: Uint8Array): Promise<Uint8Array> {
  const fit = await fitGlb(glb);
  if (!fit.ok) throw new Error(fit.message);
  return fit.glb;
}

async function expectUnitCube(glb: Uint8Array): Promise<void> {
  const { bounds } = checkScene(await loadScene(openGlb(glb, limits), 3 * limits.max_triangles), limits);
  for (const axis of [0, 1, 2]) {
    expect(bounds.min[axis]).toBeCloseTo(-0.5, 5);
    expect(bounds.max[axis]).toBeCloseTo(0.5, 5);
  }
}

const jsonOf = (glb: Uint8Array): LooseGltf =>
  JSON.parse(Buffer.from(readContainer(glb, limits.max_glb_bytes).json).toString());
const binOf = (glb: Uint8Array) => Buffer.from(readContainer(glb, limits.max_glb_bytes).bin);

function farAway({ json }: GlbParts): void {
  json.nodes[0] = { mesh: 0, translation: [50, -7, 3], rotation: [0, 0, 1, 0], scale: [9, 9, 9] };
}

describe('fitting a GLB to the unit cube', () => {
  it('moves and scales what the scene draws', async () => {
    await expectUnitCube(await fitted(boxGlb(farAway)));
    await expectUnitCube(await fitted(boxGlb(({ json }) => (json.nodes[0].scale = [1e-4, 1e-4, 1e-4]))));
    await expectUnitCube(await fitted(await fitted(boxGlb(farAway))));
  });

  it('measures what is rendered, skins and morph targets included', async () => {
    const skinned = boxGlb((parts) => {
      const { json } = parts;
      const weights = Buffer.from(Array.from({ length: 24 }, () => [255, 0, 0, 0]).flat());
      const bytes = { componentType: 5121, count: 24, type: 'VEC4' };
      json.accessors.push(bytes, { ...bytes, bufferView: addView(parts, weights), normalized: true });
      Object.assign(json.meshes[0].primitives[0].attributes, { JOINTS_0: 4, WEIGHTS_0: 5 });
      json.nodes = [
        { mesh: 0, skin: 0, scale: [7, 7, 7] },
        { translation: [4, 0, 0], scale: [3, 3, 3] },
      ];
      json.skins = [{ joints: [1] }];
      json.scenes[0].nodes = [0, 1];
    });
    await expectUnitCube(await fitted(skinned));
    const morphed = boxGlb(({ json }) => {
      json.meshes[0] = { ...json.meshes[0], weights: [2] };
      json.meshes[0].primitives[0].targets = [{ POSITION: 0 }];
    });
    await expectUnitCube(await fitted(morphed));
  });

  it('keeps what is compressed as it is, by either name of meshopt', async () => {
    const meshopt = await meshoptGlb(boxGlb(farAway));
    const renamed = Buffer.from(Buffer.from(meshopt).toString('latin1').replaceAll('EXT_mesh', 'KHR_mesh'), 'latin1');
    for (const glb of [await dracoGlb(boxGlb(farAway)), meshopt, renamed]) {
      const fit = await fitted(glb);
      await expectUnitCube(fit);
      expect(binOf(fit)).toEqual(binOf(glb));
      expect(jsonOf(fit).extensionsRequired).toEqual(jsonOf(glb).extensionsRequired);
    }
  });

  it('passes on what it does not know, and all but the scene and its nodes', async () => {
    const glb = boxGlb((parts) => {
      farAway(parts);
      const { json } = parts;
      json.extensionsUsed = ['ACME_magic', 'KHR_lights_punctual'];
      json.extensions = { ACME_magic: { spell: 'é "' } };
      json.animations = [{ channels: [], samplers: [] }];
      json.asset.generator = 'somebody';
      json.nodes[0].extras = { mine: [1, 2] };
    });
    const [before, after] = [jsonOf(glb), jsonOf(await fitted(glb))];
    expect({ ...after, nodes: [], scenes: [] }).toEqual({ ...before, nodes: [], scenes: [] });
    expect(after.nodes.slice(0, -1)).toEqual(before.nodes);
    expect(after.nodes.at(-1)).toMatchObject({ children: [0], scale: [1 / 9, 1 / 9, 1 / 9] });
    expect(after.scenes).toEqual([{ nodes: [1] }]);
  });

  it('moves a node along in every scene that shows it', async () => {
    const glb = boxGlb((parts) => {
      farAway(parts);
      parts.json.nodes.push({ mesh: 0 });
      parts.json.scenes.push({ nodes: [0, 1] }, {});
    });
    expect(jsonOf(await fitted(glb)).scenes).toEqual([{ nodes: [2] }, { nodes: [2, 1] }, {}]);
  });

  it('scales the distance that light goes through a volume', async () => {
    const glb = boxGlb((parts) => {
      farAway(parts);
      parts.json.materials[0].extensions = { KHR_materials_volume: { thicknessFactor: 1, attenuationDistance: 18 } };
    });
    const [material] = jsonOf(await fitted(glb)).materials;
    expect(material.extensions.KHR_materials_volume).toEqual({ thicknessFactor: 1, attenuationDistance: 2 });
  });

  it('says why it cannot, with the code that a competition would give', async () => {
    expect(await fitGlb(Buffer.from('no model at all'))).toMatchObject({ ok: false, code: 'not_glb' });
    const flat = boxGlb(({ json }) => (json.nodes[0].scale = [0, 0, 0]));
    expect(await fitGlb(flat)).toMatchObject({ ok: false, code: 'degenerate' });
    const full = boxGlb(({ json }) => json.nodes.push(...Array.from({ length: GLB_CAPS.nodes - 1 }, () => ({}))));
    expect(await fitGlb(full)).toMatchObject({ ok: false, code: 'too_complex' });
  });
});
