import { setMaxListeners } from 'node:events';

/** Something that runs in parallel to the work until its signal. */
export type Companion = (signal: AbortSignal) => Promise<unknown>;

/**
 * Does work while companions run in parallel. When one of them fails, the work is stopped and that failure is thrown;
 * when the work is over, the companions are stopped. Returns when all have ended.
 *
 * @throws the signal's reason when it ended the work, else what failed first
 */
export async function accompanied<T>(
  work: (signal: AbortSignal) => Promise<T>,
  companions: readonly Companion[],
  signal: AbortSignal,
): Promise<T> {
  const over = new AbortController();
  const joint = AbortSignal.any([signal, over.signal]);
  // Nine miners commit at once, and each of them waits with this signal.
  setMaxListeners(100, joint);
  let failure: { readonly error: unknown } | undefined;
  const beside = companions.map((companion) =>
    companion(joint).catch((error: unknown) => {
      if (joint.aborted) return;
      failure ??= { error };
      over.abort(error);
    }),
  );
  try {
    const result = await work(joint);
    over.abort();
    await Promise.all(beside);
    if (failure !== undefined) throw failure.error;
    return result;
  } catch (error) {
    over.abort();
    await Promise.all(beside);
    if (signal.aborted) throw signal.reason;
    throw failure === undefined ? error : failure.error;
  }
}

/** Waits for a promise that only ever rejects, no longer than the signal. */
export async function untilFailed(failing: Promise<never>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  await Promise.race([failing, aborted]);
}
