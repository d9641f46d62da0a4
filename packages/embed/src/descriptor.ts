import { EmbedError } from './embed-error.js';
import { IMAGE_SIDE } from './interfaces.js';
import { scaleToUnit } from './unit-length.js';

const CELL = 16;
const CELLS_ACROSS = IMAGE_SIDE / CELL;
const CELLS = CELLS_ACROSS * CELLS_ACROSS;
const BINS = 8;
const BORDER = 2;
const MIN_MAGNITUDE = 0.02;
/** The resize's weights sum to 1 within 1e-7, so a white pixel may come out a hair darker; no real picture is so pale. */
const WHITE_ROUNDING = 1e-6;

/** Numbers in a descriptor: 3 colour values and 8 orientation bins for each of 14×14 cells. */
export const DESCRIPTOR_LENGTH = CELLS * (3 + BINS);

/**
 * `descriptor-v1`: what a picture's cells are coloured like and which way their edges run, without any weights.
 *
 * The first 588 numbers are the colour half: per cell the mean of (1 - channel) for R, G, B, so that white is nothing.
 * The other 1568 are the gradient half: per cell 8 bins of edge orientation in [0, π), bin k centred on kπ/8. Each half
 * is scaled to unit length (one that is all zero stays zero), then the whole.
 *
 * @param planes - 3×224×224 floats in [0, 1], as from resizeToFloat.
 * @returns 2156 floats of unit length.
 * @throws {EmbedError} `blank_image` when nothing remains, as for an all-white picture.
 */
export function describePicture(planes: Float32Array): Float32Array {
  const vector = new Float32Array(DESCRIPTOR_LENGTH);
  vector.set(scaleToUnit(colourHalf(planes)), 0);
  vector.set(scaleToUnit(gradientHalf(planes)), CELLS * 3);
  const unit = scaleToUnit(vector);
  if (unit.every((value) => value === 0)) throw new EmbedError({ code: 'blank_image' });
  return unit;
}

function cellOf(x: number, y: number): number {
  return ((y / CELL) | 0) * CELLS_ACROSS + ((x / CELL) | 0);
}

function colourHalf(planes: Float32Array): Float64Array {
  const half = new Float64Array(CELLS * 3);
  const size = IMAGE_SIDE * IMAGE_SIDE;
  for (let y = 0; y < IMAGE_SIDE; y++) {
    for (let x = 0; x < IMAGE_SIDE; x++) {
      const cell = cellOf(x, y) * 3;
      for (let channel = 0; channel < 3; channel++) {
        const darkness = 1 - (planes[channel * size + y * IMAGE_SIDE + x] as number);
        if (darkness > WHITE_ROUNDING) half[cell + channel] = (half[cell + channel] as number) + darkness;
      }
    }
  }
  return half.map((sum) => sum / (CELL * CELL));
}

function gradientHalf(planes: Float32Array): Float64Array {
  const half = new Float64Array(CELLS * BINS);
  const blurred = boxBlur(luminance(planes));
  for (let y = BORDER; y < IMAGE_SIDE - BORDER; y++) {
    for (let x = BORDER; x < IMAGE_SIDE - BORDER; x++) {
      const i = y * IMAGE_SIDE + x;
      const dx = ((blurred[i + 1] as number) - (blurred[i - 1] as number)) / 2;
      const dy = ((blurred[i + IMAGE_SIDE] as number) - (blurred[i - IMAGE_SIDE] as number)) / 2;
      const magnitude = Math.sqrt(dx * dx + dy * dy);
      if (magnitude < MIN_MAGNITUDE) continue;
      const folded = (Math.atan2(dy, dx) + Math.PI) % Math.PI;
      const position = (folded / Math.PI) * BINS;
      const lower = Math.floor(position);
      const share = position - lower;
      const cell = cellOf(x, y) * BINS;
      const first = cell + (lower % BINS);
      const second = cell + ((lower + 1) % BINS);
      half[first] = (half[first] as number) + magnitude * (1 - share);
      half[second] = (half[second] as number) + magnitude * share;
    }
  }
  return half;
}

function luminance(planes: Float32Array): Float64Array {
  const size = IMAGE_SIDE * IMAGE_SIDE;
  const grey = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const red = planes[i] as number;
    const green = planes[size + i] as number;
    const blue = planes[2 * size + i] as number;
    grey[i] = 0.299 * red + 0.587 * green + 0.114 * blue;
  }
  return grey;
}

/** The mean of the 3×3 pixels around each pixel; the outermost pixels, which nothing reads, stay zero. */
function boxBlur(grey: Float64Array): Float64Array {
  const blurred = new Float64Array(grey.length);
  for (let y = 1; y < IMAGE_SIDE - 1; y++) {
    for (let x = 1; x < IMAGE_SIDE - 1; x++) {
      let sum = 0;
      for (let row = y - 1; row <= y + 1; row++) {
        const i = row * IMAGE_SIDE + x;
        sum += (grey[i - 1] as number) + (grey[i] as number) + (grey[i + 1] as number);
      }
      blurred[y * IMAGE_SIDE + x] = sum / 9;
    }
  }
  return blurred;
}
