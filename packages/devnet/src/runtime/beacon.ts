import { bls12_381 as bls } from '@noble/curves/bls12-381';
import { sha256 } from '@noble/hashes/sha2';
import { type BeaconSchedule, roundAt, roundPoint } from '@tiltyard/chain';
import type { BeaconConfiguration, Pulse } from '../pallets/drand.js';

/** Drand's quicknet keeps this time; the dev chain's beacon keeps the same, so that its rounds look like real ones. */
export const BEACON_SCHEDULE: BeaconSchedule = { genesisSeconds: 1_692_803_367, periodSeconds: 3 };

/** The dev chain's own randomness beacon: quicknet's scheme and schedule under a key that follows from the seed. */
export interface DevBeacon {
  readonly configuration: BeaconConfiguration;
  /** Signs a round: about 5 ms. */
  pulse(round: number): Pulse;
}

export function createBeacon(seed: string): DevBeacon {
  const digest = sha256(new TextEncoder().encode(`tiltyard devnet beacon: ${seed}`));
  const secret = digest.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n) % bls.fields.Fr.ORDER;
  const publicKey = bls.G2.ProjectivePoint.BASE.multiply(secret).toBytes(true);
  const chainHash = sha256(publicKey);
  return {
    configuration: {
      publicKey,
      period: BEACON_SCHEDULE.periodSeconds,
      genesisTime: BEACON_SCHEDULE.genesisSeconds,
      hash: chainHash,
      groupHash: chainHash,
      schemeId: new TextEncoder().encode('bls-unchained-g1-rfc9380'),
      metadata: { beaconId: new TextEncoder().encode('tiltyard-devnet') },
    },
    pulse(round) {
      const signature = roundPoint(round).multiply(secret).toBytes(true);
      return { round: BigInt(round), randomness: sha256(signature), signature };
    },
  };
}

/** Milliseconds at which a round is published. */
export function publishedAtMs(round: number): number {
  return (BEACON_SCHEDULE.genesisSeconds + (round - 1) * BEACON_SCHEDULE.periodSeconds) * 1000;
}

/** The newest round at a time; 0 before the beacon's genesis. */
export function newestRound(timestampMs: number): number {
  return Math.max(0, roundAt(timestampMs, BEACON_SCHEDULE));
}
