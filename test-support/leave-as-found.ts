import { afterAll, beforeAll, expect } from 'vitest';

/**
 * What test files that share a process could leave to each other: the environment, the working directory, and replaced
 * clocks, consoles and globals.
 */
const shared = () => ({
  env: { ...process.env },
  cwd: process.cwd(),
  globals: [globalThis.Date, globalThis.setTimeout, globalThis.setInterval, globalThis.fetch, performance.now],
  console: [console.log, console.info, console.warn, console.error],
});

let found: ReturnType<typeof shared>;
beforeAll(() => {
  found = shared();
});
afterAll(() => {
  expect(shared(), 'this file leaves the process as it found it').toEqual(found);
});
