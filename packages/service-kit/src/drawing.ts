import {
  LIGHTINGS,
  type LightingName,
  type Thresholds,
  VIEW_SET_NAMES,
  type ViewSetName,
} from '@tiltyard/schema/gen3d';
import { StateError } from './state-error.js';

/** How a round's files are drawn: what they may be and cost, from where they are seen, in what light. */
export interface Drawing {
  readonly limits: Thresholds['limits'];
  readonly views: ViewSetName;
  readonly lighting: LightingName;
  readonly deadlineMs: number;
}

/**
 * How a round's rules want files to be drawn, as a renderer takes it.
 *
 * @throws StateError `unsupported` when they name views or lighting that this version does not know: nothing else will do.
 */
export function drawingOf({ limits, rendering }: Pick<Thresholds, 'limits' | 'rendering'>): Drawing {
  const views = VIEW_SET_NAMES.find((name) => name === rendering.views);
  const lighting = LIGHTINGS.find((name) => name === rendering.lighting);
  if (views !== undefined && lighting !== undefined) {
    return { limits, views, lighting, deadlineMs: Math.ceil(limits.render_seconds * 1000) };
  }
  const detail = `${rendering.views}, ${rendering.lighting} is not known to this version`;
  throw new StateError({ code: 'unsupported', path: 'rules.json rendering', detail });
}
