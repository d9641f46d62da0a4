import { LIGHTINGS, VIEW_SETS, type ViewSetName } from '@tiltyard/render';
import type { Rules } from '@tiltyard/schema';
import { StateError } from '@tiltyard/service-kit';
import type { MeasureRules } from './measure.js';

/** @throws StateError when the rules name views or lighting that this version does not know: nothing else will do. */
export function measureRulesOf({ rendering, limits, verification }: Rules): MeasureRules {
  const views = (Object.keys(VIEW_SETS) as ViewSetName[]).find((name) => name === rendering.views);
  const lighting = LIGHTINGS.find((name) => name === rendering.lighting);
  if (views !== undefined && lighting !== undefined) {
    return { limits, views, lighting, embedder: verification.embedder };
  }
  const detail = `${rendering.views}, ${rendering.lighting} is not known to this version`;
  throw new StateError({ code: 'inconsistent', path: 'rules.json rendering', detail });
}
