/** A whole competition on this machine, from an empty chain to weights, told as it happens. */
export * from './demo/index.js';
