/** A look at a worker: when, and what it had used by then. */
export interface UsageSample {
  /** Of a monotonic clock. */
  readonly atMs: number;
  /** Processor time of all its threads. */
  readonly cpuMs: number;
  /** Whether it wanted no processor, see `isAsleep`. Only asked when the processor time has not moved. */
  readonly asleep: () => boolean;
}

/** How often a worker is looked at. */
export const SAMPLE_EVERY_MS = 50;

/** What one look may count for where only looking tells. Past it we were late ourselves, and know nothing of the rest. */
const MOST_PER_SAMPLE_MS = 2 * SAMPLE_EVERY_MS;

/**
 * Counts what a job costs by its own doing, so that a busy machine is not counted against it.
 *
 * On a processor that is the time in which the worker had a processor or wanted none (it hangs), and never more than the
 * time on the clock, however many processors it used at once. A driver for a GPU lets its process sleep while it draws,
 * so there all of the time counts.
 */
export class JobCost {
  readonly #first: Pick<UsageSample, 'atMs' | 'cpuMs'>;
  readonly #onProcessor: boolean;
  #last: Pick<UsageSample, 'atMs' | 'cpuMs'>;
  /** Time that was counted without processor time. */
  #idleMs = 0;

  constructor(first: Pick<UsageSample, 'atMs' | 'cpuMs'>, onProcessor: boolean) {
    this.#first = first;
    this.#last = first;
    this.#onProcessor = onProcessor;
  }

  add({ atMs, cpuMs, asleep }: UsageSample): void {
    const idle = !this.#onProcessor || (cpuMs <= this.#last.cpuMs && asleep());
    if (idle) this.#idleMs += Math.min(atMs - this.#last.atMs, MOST_PER_SAMPLE_MS);
    this.#last = { atMs, cpuMs };
  }

  get wallMs(): number {
    return this.#last.atMs - this.#first.atMs;
  }

  get cpuMs(): number {
    return this.#last.cpuMs - this.#first.cpuMs;
  }

  get spentMs(): number {
    return Math.min(this.wallMs, this.#idleMs + (this.#onProcessor ? this.cpuMs : 0));
  }
}
