/** The services that a local network runs. */
export const SERVICE_NAMES = [
  'round-manager',
  'submission-collector',
  'generation-orchestrator',
  'judge-service',
  'weight-setter',
] as const;
export type NetworkService = (typeof SERVICE_NAMES)[number];
