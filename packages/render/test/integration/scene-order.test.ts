import { describe, expect, it } from 'vitest';
import { openRenderer, type RenderViewRequest } from '../../src/index.js';
import { dracoGlb } from '../support/compressed.js';
import { boxGlb, boxParts, packGlb, unpackGlb } from '../support/glb-builder.js';
import { quartersPng } from '../support/images.js';

const VIEW: RenderViewRequest = { azimuth: 30, elevation: -20, sizePx: 64, lighting: 'flat@1' };

const glass = (json: { materials: object[] }, rgba: readonly number[]): void => {
  Object.assign(json.materials[0] ?? {}, { alphaMode: 'BLEND' });
  Object.assign((json.materials[0] as { pbrMetallicRoughness: object }).pbrMetallicRoughness, {
    baseColorFactor: rgba,
  });
};

/** Two boxes of coloured glass in one place: the first packed with Draco, the second with a texture. */
async function twoInOnePlace(): Promise<Buffer> {
  const draco = await dracoGlb(boxGlb(({ json }) => glass(json, [1, 0, 0, 0.5])));
  const { json, bin } = unpackGlb(draco);
  const other = boxParts({ image: await quartersPng(16) });
  glass(other.json, [0.2, 0.9, 1, 0.5]);
  const [views, accessors] = [json.bufferViews.length, json.accessors.length];
  const moved = (view: { byteOffset: number }): object => ({ ...view, byteOffset: view.byteOffset + bin.length });
  json.bufferViews.push(...other.json.bufferViews.map(moved));
  for (const accessor of other.json.accessors) {
    json.accessors.push({ ...accessor, bufferView: accessor.bufferView + views });
  }
  json.images = [{ bufferView: views + 4, mimeType: 'image/png' }];
  json.textures = other.json.textures;
  json.materials.push(...other.json.materials);
  const attributes = { POSITION: accessors, NORMAL: accessors + 1, TEXCOORD_0: accessors + 2 };
  json.meshes.push({ primitives: [{ attributes, indices: accessors + 3, material: 1 }] });
  json.nodes.push({ mesh: 1 });
  json.scenes[0].nodes.push(json.nodes.length - 1);
  json.buffers[0].byteLength = bin.length + other.bin.length;
  return packGlb(json, Buffer.concat([bin, other.bin]));
}

describe('surfaces in one place', () => {
  it('are drawn in the order of the scene, by a new worker and by one that knows Draco already', async () => {
    const glb = await twoInOnePlace();
    await using renderer = await openRenderer();
    const pictures = [];
    for (let i = 0; i < 2; i += 1) {
      const result = await renderer.renderView(glb, VIEW);
      pictures.push(result.ok ? result.png : result.message);
    }
    expect(pictures[1]).toEqual(pictures[0]);
    // As soon as their order in the scene is another, so is the picture: they do lie in one place.
    const { json, bin } = unpackGlb(glb);
    json.scenes[0].nodes.reverse();
    const turned = await renderer.renderView(packGlb(json, bin), VIEW);
    expect(turned.ok && turned.png).not.toEqual(pictures[0]);
  });
});
