import { Color, SRGBColorSpace } from 'three';
import type { Flaws } from './flaws.js';

export type Rgb = readonly [red: number, green: number, blue: number];

/**
 * A paint's colour as a maker with these flaws would mix it.
 *
 * @param colour - sRGB, 0xRRGGBB.
 * @returns Linear RGB in [0, 1], as glTF's vertex colours want it.
 */
export function recolour(colour: number, flaws: Flaws): Rgb {
  return mixed(new Color(colour), flaws);
}

/** As {@link recolour}, from linear RGB in [0, 1]. */
export function recolourLinear([red, green, blue]: Rgb, flaws: Flaws): Rgb {
  return mixed(new Color().setRGB(red, green, blue), flaws);
}

function mixed(colour: Color, flaws: Flaws): Rgb {
  const hsl = colour.getHSL({ h: 0, s: 0, l: 0 }, SRGBColorSpace);
  const hue = (((hsl.h + flaws.hueTurn / 360) % 1) + 1) % 1;
  colour.setHSL(hue, Math.min(1, hsl.s * flaws.saturation), Math.min(1, hsl.l * flaws.lightness), SRGBColorSpace);
  return [colour.r, colour.g, colour.b];
}
