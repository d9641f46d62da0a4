import fc from 'fast-check';

/**
 * What every property test of a default run starts from, so that a red run means a changed program and the same commit
 * gives the same verdict everywhere. `TILTYARD_PROPERTY_SEED` explores elsewhere: a number, or `random` for a new one in
 * each test file, which fast-check prints with the counterexample.
 */
const SEED = 0x71_17;

const asked = process.env.TILTYARD_PROPERTY_SEED || String(SEED);
if (asked !== 'random') {
  const seed = Number(asked);
  if (!Number.isSafeInteger(seed))
    throw new Error(`TILTYARD_PROPERTY_SEED is "random" or a whole number, not ${asked}`);
  // fast-check takes 32 bits; a CI run's number has more.
  fc.configureGlobal({ seed: seed | 0 });
}
