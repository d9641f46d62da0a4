/** Checks a GLB from its header and JSON alone, without decoding or rendering anything. */
export { checkGlb, type GlbCheck } from './check/check-glb.js';
/** What the first bytes of an image say. */
export { type ImageHeader, readImageHeader } from './check/image-header.js';
/** Rewrites a GLB so that it fits the unit cube. */
export { type FitResult, fitGlb } from './fit-glb.js';
/** Why a GLB was refused: codes, facts, and one line for its author. */
export { type Bounds, describeGlbFault, type GlbFault, type GlbFaultCode } from './glb-fault.js';
/** The renderer: requests, results, options. */
export type {
  GlbFacts,
  NamedView,
  RenderCost,
  RenderDevice,
  Renderer,
  RendererOptions,
  RenderFacts,
  RenderLog,
  RenderRefusal,
  RenderRequest,
  RenderResult,
  RenderTimings,
  RenderViewRequest,
  RenderViewResult,
} from './interfaces.js';
/** What a round's rules allow of a GLB, its defaults, and the caps that no rules can lift. */
export { GLB_CAPS, GLB_LIMITS_DEFAULTS, type GlbLimits } from './limits.js';
/** Starts a pool of render processes. */
export { openRenderer, RENDERER_DEFAULTS } from './open-renderer.js';
/** Why our side failed: always to be tried again, never a verdict. */
export { RenderError, type RenderFault } from './render-error.js';
/** Cameras by the names of their sets. */
export { VIEW_SETS, type View, type ViewSet } from './view-sets.js';
