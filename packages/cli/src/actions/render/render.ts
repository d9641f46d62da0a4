import { createHash } from 'node:crypto';
import path from 'node:path';
import {
  checkGlb,
  fitGlb,
  GLB_LIMITS_DEFAULTS,
  type GlbLimits,
  openRenderer,
  type RenderDevice,
  type Renderer,
  type RenderResult,
  type RenderViewResult,
  VIEW_SETS,
} from '@tiltyard/render';
import { counted } from '@tiltyard/schema';
import type { LightingName, ViewSetName } from '@tiltyard/schema/gen3d';
import { readInput, writeOutput } from '../../files.js';
import type { Outcome } from '../../outcome.js';
import { withProgress } from '../../terminal/progress.js';
import type { Terminal } from '../../terminal/terminal.js';
import { refused } from './refused.js';
import { chosenView } from './view-choice.js';

export interface RenderOptions {
  readonly output?: string;
  readonly fit?: true;
  readonly view?: string;
  readonly size?: number;
  readonly viewSet: ViewSetName;
  readonly separate?: true;
  readonly lighting: LightingName;
  readonly device: 'auto' | 'lavapipe' | 'nvidia';
}

/** A picture to be written. */
interface Picture {
  readonly file: string;
  readonly png: Buffer;
}

/**
 * Checks a GLB as the collector does and renders it: the grid that judges see, or one view. Exit status 1 with the code
 * that submitted.json would hold when the file is refused.
 */
export async function render(file: string, options: RenderOptions, terminal: Terminal): Promise<Outcome> {
  const limits: GlbLimits = GLB_LIMITS_DEFAULTS;
  const view = options.view === undefined ? undefined : chosenView(options.view);
  const original = await readInput(file, limits.max_glb_bytes, terminal);
  const check = options.fit === true ? await fitGlb(original, limits) : checkGlb(original, limits);
  if (!check.ok) return refused(file, check);
  const glb = 'glb' in check ? check.glb : original;
  const output = options.output ?? `${path.basename(file).replace(/\.glb$/i, '')}.png`;

  return withProgress(terminal, `Rendering ${file}`, async () => {
    await using renderer = await openRenderer({ device: options.device satisfies RenderDevice });
    const result = await drawn(renderer, glb, view, options, terminal.signal);
    if (!result.ok) return refused(file, result);
    const pictures = picturesOf(result, output);
    for (const { file: at, png } of pictures) await writeOutput(at, png, terminal);
    const { facts, timings } = result;
    const written = pictures.map(({ file: at, png }) => ({ file: at, sha256: sha256(png), bytes: png.length }));
    return {
      facts: { file, written, glb: facts, timings, renderer: renderer.describe() },
      text: [
        ...pictures.map(({ file: at }) => `wrote ${at}`),
        [
          counted(facts.triangles, 'triangle'),
          counted(facts.meshes, 'mesh', 'meshes'),
          counted(facts.images, 'image'),
          counted(facts.bytes, 'byte'),
        ].join(', '),
      ].join('\n'),
    };
  });
}

function drawn(
  renderer: Renderer,
  glb: Uint8Array,
  view: ReturnType<typeof chosenView> | undefined,
  { viewSet, separate, lighting, size }: RenderOptions,
  signal: AbortSignal,
): Promise<RenderResult | RenderViewResult> {
  const limits = GLB_LIMITS_DEFAULTS;
  if (view === undefined) {
    return renderer.render(glb, { views: viewSet, lighting, limits, separateViews: separate === true, signal });
  }
  const { azimuth, elevation, background } = view;
  const sizePx = size ?? VIEW_SETS[viewSet].sizePx;
  return renderer.renderView(glb, { azimuth, elevation, background, sizePx, lighting, limits, signal });
}

function picturesOf(
  result: (RenderResult | RenderViewResult) & { readonly ok: true },
  output: string,
): readonly Picture[] {
  if ('png' in result) return [{ file: output, png: result.png }];
  const stem = output.replace(/\.png$/i, '');
  const views = (result.views ?? []).map(({ name, png }) => ({ file: `${stem}-${name}.png`, png }));
  return [{ file: output, png: result.grid }, ...views];
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
