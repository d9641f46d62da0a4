import { describe, expect, it } from 'vitest';
import { waitMs } from '../../src/pause.js';

describe('a pause', () => {
  it('ends at once when its signal aborts, with the reason', async () => {
    await expect(waitMs(60_000, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });
});
