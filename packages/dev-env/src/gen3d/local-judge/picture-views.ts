import { VIEW_SETS } from '@tiltyard/render';
import sharp from 'sharp';
import { SampleError } from '../objects/sample-error.js';

const { grid } = VIEW_SETS['reference-grid@1'];
const COLUMNS = 2;
const ROWS = Math.ceil(grid.views.length / COLUMNS);
const STEP_PX = grid.sizePx + grid.gapPx;
const CELLS = grid.views.map((_, index) => ({
  left: (index % COLUMNS) * STEP_PX,
  top: Math.floor(index / COLUMNS) * STEP_PX,
  width: grid.sizePx,
  height: grid.sizePx,
}));

/** Pictures of a judge are at most this large: a grid is about a megapixel. */
const MAX_PIXELS = 16_777_216;

/**
 * The views that a picture holds: the cells of a grid, or the picture itself where it has another size.
 *
 * @returns PNGs.
 * @throws SampleError `unreadable` when the bytes are no picture
 */
export async function viewsOf(picture: Uint8Array): Promise<readonly Uint8Array[]> {
  const decoder = sharp(picture, { limitInputPixels: MAX_PIXELS });
  try {
    const { width, height } = await decoder.metadata();
    const isGrid = width === COLUMNS * STEP_PX - grid.gapPx && height === ROWS * STEP_PX - grid.gapPx;
    if (!isGrid) return [picture];
    return await Promise.all(
      CELLS.map((cell) => decoder.clone().extract(cell).png({ compressionLevel: 1 }).toBuffer()),
    );
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new SampleError({ code: 'unreadable', target: 'picture', detail }, { cause });
  }
}
