import type { Renderer } from '@tiltyard/render';
import type { LightingName } from '@tiltyard/schema/gen3d';
import { NO_FLAWS } from './flaws.js';
import type { ObjectSource } from './object-source.js';
import type { PromptShot } from './prompt-plan.js';
import { SampleError } from './sample-error.js';

/** Edge of a prompt's picture in pixels: that of a view in the grids. */
const PROMPT_SIZE_PX = 518;

export interface RenderPromptOptions {
  readonly renderer: Renderer;
  readonly source: ObjectSource;
  /** The lighting of the round's rules, so that prompts and grids are lit alike. */
  readonly lighting: LightingName;
  readonly signal?: AbortSignal;
}

/**
 * Renders a prompt's picture: the original, without any flaw.
 *
 * @returns A PNG, the same bytes every time.
 * @throws SampleError `bad_prompt` for an object that the renderer refuses
 * @throws RenderError when the renderer fails
 */
export async function renderPrompt(shot: PromptShot, options: RenderPromptOptions): Promise<Buffer> {
  const { renderer, source, lighting, signal } = options;
  const result = await renderer.renderView(await source.make(shot.object, NO_FLAWS, ''), {
    azimuth: shot.azimuth,
    elevation: shot.elevation,
    sizePx: PROMPT_SIZE_PX,
    lighting,
    ...(signal ? { signal } : {}),
  });
  if (!result.ok) throw new SampleError({ code: 'bad_prompt', stem: shot.stem, detail: result.message });
  return result.png;
}
