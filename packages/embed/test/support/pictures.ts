import sharp from 'sharp';

/** A drawing on white, as PNG: what a render of one object looks like to the descriptor. */
export function drawing(shapes: string, side = 512): Promise<Buffer> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}" viewBox="0 0 512 512">
    <rect width="512" height="512" fill="white"/>${shapes}</svg>`;
  return sharp(Buffer.from(svg)).removeAlpha().png().toBuffer();
}

/** A picture of one colour. */
export function flat(colour: { r: number; g: number; b: number }, width = 64, height = 64): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: colour } })
    .png()
    .toBuffer();
}
