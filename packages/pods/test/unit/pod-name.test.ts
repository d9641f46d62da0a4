import { Hotkey, LEADER } from '@tiltyard/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PodName, podName, roundPrefix, sidePrefix } from '../../src/index.js';

const ALICE = Hotkey.parse('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');

describe('the name of a pod', () => {
  it('tells round, side and index', () => {
    expect(podName({ round: 5, side: ALICE, index: 2 })).toBe('miner-05-5grwvaef5z-9b5f1775-2');
    expect(podName({ round: 123, side: LEADER, index: 0 })).toBe('miner-123-leader-0');
  });

  it('is no other hotkey’s, though their first ten characters are the same in lower case', () => {
    const ground = Hotkey.parse(`5GRWVAEF5Z${ALICE.slice(10)}`);
    const alike = Hotkey.parse(`${ALICE.slice(0, 10)}${'1'.repeat(38)}`);
    const names = [ALICE, ground, alike].map((side) => podName({ round: 5, side, index: 0 }));
    expect(new Set(names).size).toBe(3);
    expect(new Set(names.map((name) => name.slice(0, 'miner-05-5grwvaef5z-'.length))).size).toBe(1);
  });

  it('is a DNS label for any round', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.nat(100), (round, index) => {
        expect(PodName.safeParse(podName({ round, side: ALICE, index })).success).toBe(true);
      }),
    );
  });

  it('has a prefix that no other round and no other side shares', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.nat(1_000_000), fc.nat(100), (round, other, index) => {
        const name = podName({ round, side: ALICE, index });
        expect(name.startsWith(roundPrefix(other))).toBe(round === other);
        expect(name.startsWith(sidePrefix(round, ALICE))).toBe(true);
        expect(name.startsWith(sidePrefix(round, LEADER))).toBe(false);
      }),
    );
  });
});
