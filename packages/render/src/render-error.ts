import { FaultError } from '@tiltyard/schema';

/**
 * Why our side could not do what was asked. Never a verdict on a file: the caller tries again later, or fixes the
 * machine. (What is wrong with a file is a `GlbFault` in a result.)
 */
export type RenderFault =
  /** No GL context: drivers missing or broken. The message says what to install. */
  | { readonly code: 'context_unavailable'; readonly detail: string }
  /**
   * A worker process ended, and the file that it worked on is not to blame for it (or not proven to be). `spentMs` is
   * what all tries have cost by the file's own doing.
   */
  | { readonly code: 'worker_crashed'; readonly detail: string; readonly spentMs: number }
  /** The deadline passed several times over, while the machine gave the worker hardly any processor time. */
  | { readonly code: 'worker_starved'; readonly wallMs: number; readonly cpuMs: number }
  /** A worker failed in a way that the file does not explain: a shader did not compile, an answer made no sense. */
  | { readonly code: 'render_failed'; readonly detail: string }
  /** The renderer was closed before the work was done. */
  | { readonly code: 'closed' }
  /** An invalid option or request. */
  | { readonly code: 'bad_option'; readonly option: string; readonly detail: string };

export class RenderError extends FaultError<RenderFault> {
  override readonly name = 'RenderError';
  constructor(fault: RenderFault, options?: ErrorOptions) {
    super(fault, describe(fault), options);
  }
}

function describe(fault: RenderFault): string {
  switch (fault.code) {
    case 'context_unavailable':
      return `no GL context: ${fault.detail}`;
    case 'worker_crashed':
      return `the render worker ended: ${fault.detail}`;
    case 'worker_starved':
      return `the render worker got ${Math.round(fault.cpuMs)} ms of processor time in ${Math.round(fault.wallMs)} ms: the machine is overloaded`;
    case 'render_failed':
      return `rendering failed: ${fault.detail}`;
    case 'closed':
      return 'the renderer was closed';
    case 'bad_option':
      return `${fault.option}: ${fault.detail}`;
  }
}
