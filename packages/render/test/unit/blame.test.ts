import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide, type Try } from '../../src/pool/blame.js';
import type { Attempt } from '../../src/pool/worker-process.js';

const DEADLINE_MS = 1000;
const MEMORY = 2 ** 30;

const crash: Attempt = { kind: 'crash', reason: 'SIGSEGV' };
const failed: Attempt = { kind: 'failed', reason: 'GL error' };
const killed: Attempt = { kind: 'killed', reason: 'SIGKILL' };
const memory: Attempt = { kind: 'memory', residentBytes: 2 * MEMORY };
const deadline: Attempt = { kind: 'deadline' };
const starved: Attempt = { kind: 'starved', wallMs: 4000, cpuMs: 10 };

const tried = (attempt: Attempt, isolated = true, spentMs = 10): Try => ({ attempt, isolated, spentMs });
const decided = (...tries: Try[]) => decide(tries, DEADLINE_MS, MEMORY);

describe('who is to blame for a render that did not end well', () => {
  it('is the file at once when its own cost has reached the deadline', () => {
    expect(decided(tried(deadline, false, 1000))).toMatchObject({ kind: 'fault', fault: { code: 'timeout' } });
    const late = [tried(crash, true, 600), tried(deadline, true, 400)];
    expect(decided(...late)).toMatchObject({ kind: 'fault', fault: { code: 'timeout' } });
  });

  it('is on no file when the time went to a worker that was killed from outside', () => {
    const late = [tried(killed, true, 900), tried(deadline, true, 100)];
    expect(decided(...late)).toMatchObject({ kind: 'error', error: { fault: { code: 'worker_crashed' } } });
  });

  it('is the machine when it gave the worker no processor time', () => {
    expect(decided(tried(starved))).toMatchObject({ kind: 'error', error: { fault: { code: 'worker_starved' } } });
  });

  it.each([
    ['crash', crash],
    ['failure', failed],
    ['end for its memory', memory],
  ])('is the file after a second %s that nothing else can explain', (_, attempt) => {
    expect(decided(tried(attempt))).toEqual({ kind: 'again', budgetMs: 990 });
    expect(decided(tried(attempt), tried(attempt))).toMatchObject({ kind: 'fault', fault: { code: 'too_complex' } });
    // A worker that had other jobs before or beside it proves nothing.
    const shared = tried(attempt, false);
    expect(decided(shared)).toEqual({ kind: 'again', budgetMs: 990 });
    expect(decided(shared, tried(attempt))).toEqual({ kind: 'again', budgetMs: 980 });
    expect(decided(shared, tried(attempt), tried(attempt))).toMatchObject({ kind: 'fault' });
  });

  it('stays open after three tries without two strikes', () => {
    const tries = [tried(killed), tried(killed), tried(crash)];
    const fault = { code: 'worker_crashed', spentMs: 30 };
    expect(decided(...tries)).toMatchObject({ kind: 'error', error: { fault } });
  });

  it('never takes more than three tries and one deadline to tell', () => {
    const attempt = fc.constantFrom(crash, failed, killed, memory, starved);
    const step = fc.record({ attempt, isolated: fc.boolean(), share: fc.double({ min: 0, max: 1, noNaN: true }) });
    fc.assert(
      fc.property(fc.array(step, { minLength: 3, maxLength: 10 }), (steps) => {
        const tries: Try[] = [];
        for (const { attempt, isolated, share } of steps) {
          const decision = decided(...tries);
          if (decision.kind !== 'again') break;
          // A try is ended when it has cost what it may.
          const spentMs = share * decision.budgetMs;
          tries.push({ attempt: share === 1 ? deadline : attempt, isolated, spentMs });
        }
        expect(tries.length).toBeLessThanOrEqual(3);
        expect(tries.reduce((sum, { spentMs }) => sum + spentMs, 0)).toBeLessThanOrEqual(DEADLINE_MS * (1 + 1e-9));
        if (tries.length === 3) expect(decided(...tries).kind).not.toBe('again');
      }),
    );
  });
});
