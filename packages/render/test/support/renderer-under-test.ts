import {
  GLB_LIMITS_DEFAULTS,
  openRenderer,
  type Renderer,
  type RendererOptions,
  type RenderRequest,
} from '../../src/index.js';

/** A renderer whose worker processes a test can see, and do things to. */
export interface RendererUnderTest extends AsyncDisposable {
  readonly renderer: Renderer;
  /** Process ids of the workers started so far, oldest first. */
  readonly pids: readonly number[];
  /** How tries ended that did not end well. */
  readonly troubles: readonly string[];
}

/** @param onStart - Called with a worker's process id when it is ready, before it gets its job. */
export async function rendererUnderTest(
  options: RendererOptions = {},
  onStart: (pid: number) => void = () => undefined,
): Promise<RendererUnderTest> {
  const pids: number[] = [];
  const troubles: string[] = [];
  const log = {
    info: (facts: { pid?: number; startMs?: number }) => {
      if (facts.pid === undefined || facts.startMs === undefined) return;
      pids.push(facts.pid);
      onStart(facts.pid);
    },
    warn: (facts: { kind?: string }) => void troubles.push(facts.kind ?? ''),
  };
  const renderer = await openRenderer({ ...options, log });
  return { renderer, pids, troubles, [Symbol.asyncDispose]: () => renderer.close() };
}

export const GRID: RenderRequest = {
  views: 'reference-grid@1',
  lighting: 'studio@1',
  limits: GLB_LIMITS_DEFAULTS,
};

/** Stops a process: the job that it gets next does not end, however fast the machine. */
export function freeze(pid: number): void {
  process.kill(pid, 'SIGSTOP');
}

export function thaw(pid: number): void {
  process.kill(pid, 'SIGCONT');
}

/** Lets a frozen process die of a segmentation fault, as a driver's bug would, with its job before it. */
export function crash(pid: number): void {
  process.kill(pid, 'SIGSEGV');
  thaw(pid);
}

/** Whether a process still exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
