import { performance } from 'node:perf_hooks';
import { type Backoff, backoffMs, type CommitId, isFault } from '@tiltyard/schema';
import { composeCommit, type Publisher } from './compose-commit.js';
import type { Draft } from './draft.js';
import type { Clone } from './git/clone.js';
import { LedgerError, type LedgerFault } from './ledger-error.js';
import type { LedgerLog } from './ledger-log.js';
import { JITTER, waitMs } from './pause.js';
import { planCommit, type ReadCommit } from './plan-commit.js';

/** What publishing came to. */
export interface Published {
  /** `already_there` when the tip held all of the draft, so that no commit was made. */
  readonly outcome: 'published' | 'already_there';
  /** The draft's commit, or the tip that holds it. */
  readonly commit: CommitId;
}

export interface PublishPorts {
  readonly clone: Clone;
  readonly publisher: Publisher;
  readonly log: LedgerLog;
  readonly at: ReadCommit;
  readonly now: Date;
  /** Told of every contact that fails, before it is tried again. */
  readonly failed: (fault: LedgerFault) => void;
  readonly random: () => number;
  /** Waits after a lost race. */
  readonly contention: Backoff;
  /** Waits after a failed contact. */
  readonly outage: Backoff;
  /** How long a publish is tried in all before it is given back to its caller. */
  readonly patienceMs: number;
}

/**
 * Publishes a draft as one commit on top of the remote's tip, by compare-and-swap.
 *
 * The push is tried at once on the tip that is known; when the branch has moved, the draft is checked again against the
 * new tip and put on top of that. A push whose answer was lost is looked for upstream before anything is tried again, so
 * that nothing is published twice.
 */
export async function publishDraft(ports: PublishPorts, draft: Draft, signal?: AbortSignal): Promise<Published> {
  const pushed = new Set<CommitId>();
  const { clone, log } = ports;
  const deadline = performance.now() + ports.patienceMs;
  const start = clone.known;
  let races = 0;
  let outages = 0;
  for (;;) {
    signal?.throwIfAborted();
    try {
      if (races + outages > 0) {
        await clone.fetch(signal);
        const own = await ownCommit(clone, pushed, start);
        if (own !== undefined) return { outcome: 'published', commit: own };
      }
      const attempt = await tryOnce(ports, draft, pushed, signal);
      if (attempt !== undefined) return attempt;
      races += 1;
      if (performance.now() > deadline) {
        throw new LedgerError({ code: 'contended', attempts: races, tip: clone.known });
      }
      await waitMs(backoffMs(races, { ...ports.contention, jitter: JITTER }, ports.random()), signal);
    } catch (error) {
      if (!isFault(error, LedgerError, 'unreachable')) throw error;
      outages += 1;
      const delayMs = backoffMs(outages, { ...ports.outage, jitter: JITTER }, ports.random());
      ports.failed(error.fault);
      log.warn({ attempt: outages, reason: error.message }, 'publishing failed');
      if (performance.now() + delayMs > deadline) {
        throw new LedgerError({ ...error.fault, attempts: outages });
      }
      await waitMs(delayMs, signal);
    }
  }
}

/**
 * The one of our commits that is part of the branch above a commit. Looked for after every push that did not plainly
 * succeed: even a refusal may be the second answer to a push that a proxy repeated.
 */
async function ownCommit(
  { objects, known }: Clone,
  pushed: ReadonlySet<CommitId>,
  above: CommitId,
): Promise<CommitId | undefined> {
  let at: string | undefined = known;
  while (at !== undefined && at !== above) {
    const id = at as CommitId;
    if (pushed.has(id)) return id;
    at = (await objects.commit(id)).parents[0];
  }
  return undefined;
}

/** One try on the tip that is known. Undefined when the branch had moved. */
async function tryOnce(
  { clone, publisher, log, at, now }: PublishPorts,
  draft: Draft,
  pushed: Set<CommitId>,
  signal: AbortSignal | undefined,
): Promise<Published | undefined> {
  const tip = await at(clone.known);
  const plan = await planCommit(draft, tip, publisher, at);
  if (plan.files.size === 0) return { outcome: 'already_there', commit: tip.commit };
  for (const warning of plan.warnings) log.warn(warning, 'a legal change that matters');
  const tree = await clone.objects.writeTree(tip.tree, plan.files);
  const parent = { id: tip.commit, committedAt: tip.committedAt };
  const parts = { tree, parent, lines: plan.lines, now };
  const commit = await composeCommit(clone.objects, publisher, parts, signal);
  pushed.add(commit);
  const outcome = await clone.push(commit, tip.commit, signal);
  if (outcome.kind === 'moved') {
    log.debug({ commit, detail: outcome.detail }, 'the branch had moved');
    return undefined;
  }
  log.info({ commit, lines: plan.lines, files: [...plan.files.keys()] }, 'published');
  return { outcome: 'published', commit };
}
