import { type GlbLimits, LIGHTINGS, type LightingName, VIEW_SETS, type ViewSetName } from '@tiltyard/render';
import type { Rules } from '@tiltyard/schema';
import { StateError } from './state-error.js';

/** How a round's files are drawn: what they may be, from where they are seen, in what light. */
export interface Drawing {
  readonly limits: GlbLimits;
  readonly views: ViewSetName;
  readonly lighting: LightingName;
}

/**
 * How a round's rules want files to be drawn, as a renderer takes it.
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
