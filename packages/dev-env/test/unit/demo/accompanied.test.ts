import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { accompanied } from '../../../src/gen3d/demo/accompanied.js';

const never = (signal: AbortSignal) => sleep(60_000, undefined, { signal });
const { signal } = new AbortController();

describe('work with companions', () => {
  it('ends its companions when it is done, and waits for them', async () => {
    let ended = false;
    const companion = async (joint: AbortSignal) => {
      await never(joint).catch(() => undefined);
      await sleep(5);
      ended = true;
    };
    expect(await accompanied(async () => 7, [companion], signal)).toBe(7);
    expect(ended).toBe(true);
  });

  it('is stopped when a companion fails, and throws that failure rather than its own', async () => {
    const failing = async () => {
      throw new Error('the companion broke');
    };
    await expect(accompanied(never, [failing, never], signal)).rejects.toThrow('the companion broke');
  });

  it('throws its own failure when companions do well', async () => {
    const work = async () => {
      throw new Error('the work broke');
    };
    await expect(accompanied(work, [never], signal)).rejects.toThrow('the work broke');
  });

  it('ends when it is stopped, with the reason that was given', async () => {
    const interrupted = new AbortController();
    const working = accompanied(never, [never], interrupted.signal);
    interrupted.abort(new Error('enough'));
    await expect(working).rejects.toThrow('enough');
  });
});
