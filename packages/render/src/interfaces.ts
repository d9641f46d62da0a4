import type { LightingName, ViewSetName } from '@tiltyard/schema/gen3d';
import type { Bounds, GlbFault, GlbFaultCode } from './glb-fault.js';
import type { GlbLimits } from './limits.js';

/** A pino-like logger; what the renderer has to say is about its worker processes. */
export interface RenderLog {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
}

/**
 * Which Vulkan driver renders: Mesa's lavapipe on the processor, NVIDIA's, or the path of another driver's ICD file.
 * `auto` takes NVIDIA's where both its ICD file and its device exist, else lavapipe.
 */
export type RenderDevice = 'auto' | 'lavapipe' | 'nvidia' | { readonly icdFile: string };

export interface RendererOptions {
  /** Worker processes. lavapipe uses every core, so more than one isolates but does not speed up a small machine. */
  readonly processes?: number;
  /** What one job may cost, in milliseconds as `RenderCost.spentMs` counts them, unless its request says otherwise. */
  readonly deadlineMs?: number;
  /** Resident memory that one worker may use. Sampled, so a worker may pass it for some tens of milliseconds. */
  readonly memoryLimitBytes?: number;
  /** How long a worker may take to start (context, environment light, a first picture), in milliseconds. */
  readonly startTimeoutMs?: number;
  readonly device?: RenderDevice;
  /** Added to the workers' environment last, so it overrides what `device` chose, e.g. `LP_NATIVE_VECTOR_WIDTH`. */
  readonly env?: Readonly<Record<string, string>>;
  readonly log?: RenderLog;
}

export interface RenderRequest {
  readonly views: ViewSetName;
  readonly lighting: LightingName;
  readonly limits: GlbLimits;
  /** Fits the mesh into the unit cube first. For test assets only: submissions are rendered as they are. */
  readonly normalise?: boolean;
  /** Also return every view as a PNG of its own, not only the grid. */
  readonly separateViews?: boolean;
  /** What the job may cost, in milliseconds as `RenderCost.spentMs` counts them; the renderer's by default. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
}

/** What was found in a GLB that passed every check. */
export interface GlbFacts {
  readonly bytes: number;
  readonly meshes: number;
  readonly primitives: number;
  readonly nodes: number;
  readonly triangles: number;
  readonly vertices: number;
  readonly images: number;
  readonly imagePixels: number;
}

export interface RenderFacts extends GlbFacts {
  /** Of the mesh as it was rendered, after `normalise`. */
  readonly bounds: Bounds;
}

/** Where the time of a render went, in milliseconds. */
export interface RenderTimings {
  readonly checkMs: number;
  readonly loadMs: number;
  readonly texturesMs: number;
  readonly drawMs: number;
  readonly encodeMs: number;
  /** In the worker, all of it. */
  readonly workerMs: number;
  /** In a queue, waiting for a worker. */
  readonly queuedMs: number;
}

/** What a file cost the renderer. */
export interface RenderCost {
  /**
   * Time that checking and drawing took by the file's own doing, in milliseconds, to some tens of them: the time in which
   * a worker was at it and had a processor (or slept without wanting one), never more than the time on the clock. What
   * it waited for others does not count: the queue, a busy machine, the start of a worker. With a driver for a GPU it
   * is the time on the clock. All tries together; at most the deadline, and what passes until that is noticed (we look
   * twenty times a second).
   */
  readonly spentMs: number;
}

export interface NamedView {
  readonly name: string;
  readonly png: Buffer;
}

/** A file that cannot be rendered, for a reason that lies in the file. A verdict: it is final. */
export interface RenderRefusal {
  readonly ok: false;
  readonly code: GlbFaultCode;
  /** One line for the file's author. */
  readonly message: string;
  readonly fault: GlbFault;
}

export type RenderResult = RenderCost & (RenderedGrid | RenderRefusal);

export interface RenderedGrid {
  readonly ok: true;
  /** PNG of the view set's grid. */
  readonly grid: Buffer;
  /** Present when `separateViews` was asked for. */
  readonly views?: readonly NamedView[];
  readonly facts: RenderFacts;
  readonly timings: RenderTimings;
}

export interface RenderViewRequest {
  /** Degrees, see `View.azimuth`. */
  readonly azimuth: number;
  /** Degrees, see `View.elevation`: negative looks down from above. */
  readonly elevation: number;
  /** Edge of the square picture, at most 2048. */
  readonly sizePx: number;
  /** sRGB 0xRRGGBB; white by default. */
  readonly background?: number;
  /** Distance from the origin in scene units; the grid's by default. */
  readonly radius?: number;
  readonly lighting?: LightingName;
  readonly limits?: GlbLimits;
  readonly normalise?: boolean;
  readonly signal?: AbortSignal;
}

export type RenderViewResult =
  | { readonly ok: true; readonly png: Buffer; readonly facts: RenderFacts; readonly timings: RenderTimings }
  | RenderRefusal;

/**
 * A pool of render processes that survives what it renders.
 *
 * A result with `ok: false` is a verdict on the file. Whatever is our fault is thrown as `RenderError`, and is to be
 * tried again. The same bytes give the same PNG, byte for byte, as long as `describe()` is the same.
 */
export interface Renderer extends AsyncDisposable {
  /** Checks a GLB and renders a view set. Throws `RenderError`, or the signal's reason. */
  render(glb: Uint8Array, request: RenderRequest): Promise<RenderResult>;
  /** Checks a GLB and renders it once from anywhere. Throws `RenderError`, or the signal's reason. */
  renderView(glb: Uint8Array, request: RenderViewRequest): Promise<RenderViewResult>;
  /** Names everything that the pixels depend on, for rules.json's `rendering.renderer`. */
  describe(): string;
  /** Stops the workers, within two seconds. Work under way is rejected with `closed`. */
  close(): Promise<void>;
}
