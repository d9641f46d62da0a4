import {
  type GlbLimits,
  LIGHTINGS,
  type LightingName,
  type Renderer,
  VIEW_SETS,
  type ViewSetName,
} from '@tiltyard/render';
import type { Rules } from '@tiltyard/schema';
import sharp from 'sharp';
import { StateError } from './state-error.js';

/** How a round's files are drawn: what they may be, from where they are seen, in what light. */
export interface Drawing {
  readonly limits: GlbLimits;
  readonly views: ViewSetName;
  readonly lighting: LightingName;
}

/** A file's picture, or why the file has none: its author's failure, with a code that it can read. */
export type Drawn =
  | { readonly ok: true; readonly grid: Uint8Array }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** The code of a file that draws as an empty picture. */
export const BLANK = 'blank';

/**
 * How a round's rules want files to be drawn.
 *
 * @throws StateError `inconsistent` when they name views or lighting that this version does not know: nothing else will do.
 */
export function drawingOf({ limits, rendering }: Pick<Rules, 'limits' | 'rendering'>): Drawing {
  const views = (Object.keys(VIEW_SETS) as ViewSetName[]).find((name) => name === rendering.views);
  const lighting = LIGHTINGS.find((name) => name === rendering.lighting);
  if (views !== undefined && lighting !== undefined) return { limits, views, lighting };
  const detail = `${rendering.views}, ${rendering.lighting} is not known to this version`;
  throw new StateError({ code: 'inconsistent', path: 'rules.json rendering', detail });
}

/**
 * Checks a GLB and draws it as a round's rules want. A file of which nothing is to be seen is refused too: a judge has
 * nothing to judge, and an embedder nothing to compare.
 *
 * @throws RenderError when our side failed; the signal's reason.
 */
export async function drawFile(
  glb: Uint8Array,
  drawing: Drawing,
  renderer: Pick<Renderer, 'render'>,
  signal: AbortSignal,
): Promise<Drawn> {
  const rendered = await renderer.render(glb, { ...drawing, signal });
  if (!rendered.ok) return { ok: false, code: rendered.code, message: rendered.message };
  if (!(await isBlank(rendered.grid))) return { ok: true, grid: rendered.grid };
  return { ok: false, code: BLANK, message: 'there is nothing to see: the file draws as an empty picture' };
}

/** True when every pixel of a view grid is white, as its background is. */
export async function isBlank(grid: Uint8Array): Promise<boolean> {
  const { channels } = await sharp(grid).removeAlpha().stats();
  return channels.every((channel) => channel.min === 255);
}
