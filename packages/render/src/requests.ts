import type { RenderRequest, RenderResult, RenderTimings, RenderViewRequest, RenderViewResult } from './interfaces.js';
import { GLB_LIMITS_DEFAULTS } from './limits.js';
import { type JobOutcome, type JobTimings, type RenderJob, renderJob, type Shot } from './pool/job.js';
import { RenderError } from './render-error.js';
import { CAMERA_RADIUS, VIEW_SETS, type View, type ViewSet } from './view-sets.js';

/**
 * What a worker has to do for a request: the grid's shots first, then those of the set that are not among them.
 *
 * @throws RenderError `bad_option`
 */
export function jobOf(glb: Uint8Array, request: RenderRequest): RenderJob {
  const set: ViewSet | undefined = VIEW_SETS[request.views];
  if (!set) throw badRequest('views', `there is no view set ${String(request.views)}`);
  const { grid } = set;
  const gridShots = grid.views.map((view) => shotOf(view, grid.sizePx));
  const sameAsGrid = set.views === grid.views && set.sizePx === grid.sizePx;
  const ownShots = request.separateViews && !sameAsGrid ? set.views.map((view) => shotOf(view, set.sizePx)) : [];
  const shots = [...gridShots, ...ownShots];
  const first = sameAsGrid ? 0 : gridShots.length;
  return parseJob({
    glb,
    limits: request.limits,
    lighting: request.lighting,
    normalise: request.normalise ?? false,
    shots,
    grid: { shots: [...gridShots.keys()], edgePx: grid.sizePx, gapPx: grid.gapPx },
    single: request.separateViews ? [...shots.keys()].slice(first) : [],
  });
}

/** @throws RenderError `bad_option` */
export function viewJobOf(glb: Uint8Array, request: RenderViewRequest): RenderJob {
  const { azimuth, elevation, sizePx, background = 0xffffff, radius = CAMERA_RADIUS } = request;
  return parseJob({
    glb,
    limits: request.limits ?? GLB_LIMITS_DEFAULTS,
    lighting: request.lighting ?? 'studio@1',
    normalise: request.normalise ?? false,
    shots: [{ name: 'view', azimuth, elevation, background, radius, edgePx: sizePx }],
    grid: null,
    single: [0],
  });
}

export function resultOf(
  outcome: JobOutcome,
  request: RenderRequest,
  { spentMs, queuedMs }: { readonly spentMs: number; readonly queuedMs: number },
): RenderResult {
  if (!outcome.ok) return { ...outcome, spentMs };
  if (!outcome.grid) throw new RenderError({ code: 'render_failed', detail: 'the worker returned no grid' });
  return {
    ok: true,
    grid: outcome.grid,
    ...(request.separateViews && { views: outcome.single }),
    facts: outcome.facts,
    timings: timingsOf(outcome.timings, queuedMs),
    spentMs,
  };
}

export function viewResultOf(outcome: JobOutcome, queuedMs: number): RenderViewResult {
  if (!outcome.ok) return outcome;
  const png = outcome.single[0]?.png;
  if (!png) throw new RenderError({ code: 'render_failed', detail: 'the worker returned no view' });
  return { ok: true, png, facts: outcome.facts, timings: timingsOf(outcome.timings, queuedMs) };
}

function shotOf({ name, azimuth, elevation, background }: View, edgePx: number): Shot {
  return { name, azimuth, elevation, background, radius: CAMERA_RADIUS, edgePx };
}

function timingsOf(timings: JobTimings, queuedMs: number): RenderTimings {
  return { ...timings, queuedMs };
}

function parseJob(job: RenderJob): RenderJob {
  const parsed = renderJob.safeParse(job);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw badRequest(issue?.path.join('.') ?? 'request', issue?.message ?? 'does not parse');
}

function badRequest(option: string, detail: string): RenderError {
  return new RenderError({ code: 'bad_option', option, detail });
}
