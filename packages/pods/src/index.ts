/** What a provider of pods does, and what a pod is. */
export * from './interfaces.js';
/** What a local image is; written by the local builder, read by the local provider. */
export { ImageManifest, readImageManifest, writeImageManifest } from './local/image-manifest.js';
/** Pods as processes on this machine. */
export { LOCAL_PODS_DEFAULTS, type LocalPodsOptions, openLocalPods } from './local/local-provider.js';
/** Where a local builder finds what a submission is built from. */
export { localSourceName } from './local/local-source.js';
/** Every failure, coded, and whose it is. */
export { isImagesFault, isMinersFault, PodError, type PodFault } from './pod-error.js';
/** Names of pods, and the prefixes by which a round's or a side's pods are found. */
export { PodName, podName, roundPrefix, sidePrefix } from './pod-name.js';
/** A client of one pod: health and generation. */
export {
  GENERATE_DEFAULTS,
  type Generation,
  type GenerationRequest,
  PodSession,
  type PodSessionOptions,
  WAIT_HEALTHY_DEFAULTS,
} from './pod-session.js';
/** Waits for a pod's address. */
export { type RunningPod, WAIT_RUNNING_DEFAULTS, waitRunning } from './wait-running.js';
