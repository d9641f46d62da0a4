/** Why a decision could not be made. */

/** CPython's random numbers. */
export { Twister } from './random/twister.js';
export { RulesError, type RulesFault } from './rules-error.js';
/** Medians that a few outliers do not move. */
export { median, trimmedMedian } from './statistics/trimmed-median.js';
