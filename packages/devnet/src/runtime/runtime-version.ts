/** The main network's runtime whose shapes the dev chain's metadata follow; clients choose types by these. */
export const SPEC_NAME = 'node-subtensor';
export const SPEC_VERSION = 424;
export const TRANSACTION_VERSION = 1;

/** What runs in truth: a stand-in for local work. */
export const IMPL_NAME = 'tiltyard-devnet';
