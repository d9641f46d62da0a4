/** A state repository's history, made up but valid, as a stream of commits or a repository. */

/** A match of a synthetic history. */
export { syntheticMatch } from './synthetic/synthetic-content.js';
export * from './synthetic-history.js';
/** The same with exactly one rule broken. */
export * from './tamperings.js';
