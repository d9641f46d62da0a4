import { describe, expect, it } from 'vitest';
import { HeaderChain } from '../../src/node/header-chain.js';

describe('block hashes', () => {
  it('follow from seed and height alone, for heights before the start too', () => {
    const one = new HeaderChain('seed', 5_000_000);
    const two = new HeaderChain('seed', 5_000_000);
    two.extend(5_000_700);
    one.extend(5_000_100);
    one.extend(5_000_700);
    for (const height of [0, 1, 4_999_000, 4_999_999, 5_000_000, 5_000_700])
      expect(one.hashOf(height)).toBe(two.hashOf(height));
    expect(new HeaderChain('other', 5_000_000).hashOf(5_000_000)).not.toBe(one.hashOf(5_000_000));
    expect(() => one.hashOf(5_000_701)).toThrow('unknown block 5000701');
  });

  it('are all different, found again by hash, and each header names its parent', () => {
    const chain = new HeaderChain('seed', 1000);
    chain.extend(6000);
    const heights = Array.from({ length: 6000 - chain.firstHeader }, (_, i) => chain.firstHeader + i);
    expect(new Set(heights.map((height) => chain.hashOf(height))).size).toBe(heights.length);
    for (const height of heights.slice(1)) {
      expect(chain.heightOf(chain.hashOf(height))).toBe(height);
      expect(chain.header(height).parentHash).toBe(chain.hashOf(height - 1));
    }
    expect(chain.heightOf(chain.genesisHash)).toBe(0);
    expect(chain.heightOf(`0x${'12'.repeat(32)}`)).toBeUndefined();
  });
});
