import sharp from 'sharp';

/** A square PNG whose quarters are red, green, blue and yellow, in reading order. */
export function quartersPng(edgePx: number): Promise<Buffer> {
  return quarters(edgePx).then((image) => image.png().toBuffer());
}

/** The same as raw RGBA. */
export function quartersRgba(edgePx: number): Promise<Buffer> {
  return quarters(edgePx).then((image) => image.ensureAlpha().raw().toBuffer());
}

async function quarters(edgePx: number) {
  const half = edgePx / 2;
  const fill = (background: string) => ({ create: { width: half, height: half, channels: 3 as const, background } });
  const image = sharp({ create: { width: edgePx, height: edgePx, channels: 3, background: '#c01010' } }).composite([
    { input: fill('#10a010'), left: half, top: 0 },
    { input: fill('#1010c0'), left: 0, top: half },
    { input: fill('#c0c010'), left: half, top: half },
  ]);
  // Composited first: sharp would else apply what follows before.
  return sharp(await image.png().toBuffer());
}

/** Decoded pixels, RGB. */
export interface Rgb {
  readonly data: Buffer;
  readonly width: number;
  readonly height: number;
}

export async function decode(png: Uint8Array): Promise<Rgb> {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

export function pixelAt({ data, width }: Rgb, x: number, y: number): [number, number, number] {
  const at = (y * width + x) * 3;
  return [data[at] ?? -1, data[at + 1] ?? -1, data[at + 2] ?? -1];
}

/** Mean difference of two pictures over the pixels where either is not white, 0 to 255: what an eye would notice. */
export async function meanDifference(left: Uint8Array, right: Uint8Array): Promise<number> {
  const [a, b] = [await decode(left), await decode(right)];
  let sum = 0;
  let count = 0;
  for (let i = 0; i < a.data.length; i += 1) {
    const [x, y] = [a.data[i] ?? 0, b.data[i] ?? 0];
    if (x === 255 && y === 255) continue;
    sum += Math.abs(x - y);
    count += 1;
  }
  return sum / Math.max(1, count);
}
