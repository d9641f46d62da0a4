/** Keeps answers in an object store, so that a restart asks again only what was under way. */
export { answerKey, answersInStore } from './answers-in-store.js';
/** An OpenAI-compatible endpoint with its one queue. */
export { openEndpoint } from './endpoint.js';
/** An endpoint's configuration, and how it is read from the environment. */
export { EndpointConfig, readEndpointConfig } from './endpoint-config.js';
/** The seams: kept answers, logs. */
export type * from './interfaces.js';
/** The package's error, with its codes. */
export {
  describeFault,
  JudgeError,
  type JudgeFault,
  mayBeAboutThePicture,
  type UnansweredFault,
} from './judge-error.js';
/** A question to a model, and its name. */
export { type Question, requestKey, requestOf } from './question.js';
