import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { distance, type Embedder, openEmbedder } from '../../src/index.js';
import { drawing } from '../support/pictures.js';

const shading = (colour: string) => `<defs><radialGradient id="g" cx="0.35" cy="0.3" r="0.8">
  <stop offset="0" stop-color="white"/><stop offset="0.35" stop-color="${colour}"/><stop offset="1" stop-color="black"/>
  </radialGradient></defs>`;
const ball = (colour: string) => `${shading(colour)}<circle cx="256" cy="256" r="150" fill="url(#g)"/>`;
const chair = (colour: string, turned = 0) => `<g fill="${colour}" transform="rotate(${turned} 256 256)">
  <rect x="160" y="60" width="30" height="400"/><rect x="160" y="240" width="200" height="30"/>
  <rect x="330" y="240" width="30" height="220"/><rect x="160" y="60" width="120" height="20"/></g>`;

describe('descriptor-v1 on drawings', () => {
  let embedder: Embedder;
  beforeAll(async () => {
    embedder = await openEmbedder('descriptor-v1');
  });
  afterAll(() => embedder.close());

  const apart = async (left: Buffer, right: Buffer) =>
    distance(await embedder.embed(left), await embedder.embed(right));

  it('is 0 for the same picture', async () => {
    expect(await apart(await drawing(chair('teal')), await drawing(chair('teal')))).toBeLessThan(1e-7);
  });

  it('hardly moves with JPEG noise, another resolution, a slight turn or dimmer light', async () => {
    const original = await drawing(chair('teal'));
    const jpeg = await sharp(original).jpeg({ quality: 80 }).toBuffer();
    const dimmer = await sharp(original).linear(0.97, 0).png().toBuffer();
    expect(await apart(original, jpeg)).toBeLessThan(0.005);
    expect(await apart(original, await drawing(chair('teal'), 1024))).toBeLessThan(0.02);
    expect(await apart(original, await drawing(chair('teal', 1)))).toBeLessThan(0.05);
    expect(await apart(original, dimmer)).toBeLessThan(0.05);
  });

  it('tells another colour, and another shape still more', async () => {
    const original = await drawing(ball('crimson'));
    const recoloured = await apart(original, await drawing(ball('royalblue')));
    const reshaped = await apart(original, await drawing(chair('crimson')));
    expect(recoloured).toBeGreaterThan(0.014);
    expect(reshaped).toBeGreaterThan(0.34);
    expect(reshaped).toBeGreaterThan(recoloured);
  });
});
