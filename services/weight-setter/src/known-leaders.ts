import type { Chain } from '@tiltyard/chain';
import { isLedgerError, type Ledger, type Snapshot } from '@tiltyard/ledger';
import { type LeaderHistory, stateFiles } from '@tiltyard/schema';
import { type Notices, StateError, subnetOf } from '@tiltyard/service-kit';

/** What leader.json is read with. */
export interface LeaderPorts {
  readonly ledger: Ledger;
  readonly chain: Pick<Chain, 'genesisHash'>;
  readonly netuid: number;
  readonly notices: Notices;
}

/** Leaders to pay, oldest first, and why they may not be the newest. */
export interface KnownLeaders {
  readonly history: LeaderHistory;
  /** What is wrong with the repository's own leader.json, when `history` is an earlier one. */
  readonly doubt?: string;
}

/** Reads the leaders; see {@link openKnownLeaders}. */
export type ReadLeaders = (signal: AbortSignal) => Promise<KnownLeaders>;

/** Failures after which the clone's last state is as good as ever: the remote could not be asked, or is not believed. */
const CLONE_STANDS = ['unreachable', 'rewritten', 'no_branch', 'bad_option'] as const;

/**
 * Opens a reader of leader.json that remembers what it read last, so that nothing that befalls the repository stops the
 * payments: out of reach, rewritten, newer than this software, not to be parsed, or with a leader.json that does not
 * continue the one that was known. Operators hear of it. What is remembered lasts as long as the process; the clone's
 * last state outlives it.
 *
 * The reader throws StateError on another chain or subnet than the repository's, whose leaders are not ours to pay, and
 * whatever went wrong while nothing is known yet.
 */
export function openKnownLeaders(ports: LeaderPorts): ReadLeaders {
  const { ledger, notices } = ports;
  let known: LeaderHistory | undefined;

  // Each kind of trouble is told for itself: that the repository was rewritten must not drown in an outage's repeats.
  const tell = (kind: string, detail: string) => {
    const title = 'The state repository cannot be trusted or reached; paying the last known leader';
    notices.send({ key: `ledger-${kind}`, severity: 'alarm', title, detail });
  };
  const instead = (error: unknown): KnownLeaders => {
    if (known === undefined) throw error;
    const doubt = error instanceof Error ? error.message : String(error);
    tell('doubt', doubt);
    return { history: known, doubt };
  };

  return async (signal) => {
    let snapshot: Snapshot;
    try {
      snapshot = await ledger.snapshot(signal);
    } catch (error) {
      if (signal.aborted) throw error;
      if (!isLedgerError(error, ...CLONE_STANDS)) return instead(error);
      tell(error.code, error.message);
      snapshot = await ledger.latest();
    }
    await checkSubnet(snapshot, ports);
    let history: LeaderHistory;
    try {
      history = (await snapshot.read(stateFiles.leader)) ?? [];
    } catch (error) {
      return instead(error);
    }
    const [fault] = known === undefined ? [] : stateFiles.leader.change.check(known, history, NO_AMENDMENTS);
    if (fault !== undefined) {
      return instead(new StateError({ code: 'inconsistent', path: 'leader.json', detail: fault.detail }));
    }
    known = history;
    return { history };
  };
}

/** Nothing that an operator may amend is in leader.json. */
const NO_AMENDMENTS = { amendments: [], params: {} };

/** @throws StateError on another chain or subnet than the repository's, and without config.json */
async function checkSubnet(snapshot: Snapshot, { chain, netuid }: LeaderPorts): Promise<void> {
  const config = await snapshot.read(stateFiles.config);
  if (config === undefined) throw new StateError({ code: 'missing', path: 'config.json' });
  const theirs = subnetOf({ config }, chain, netuid);
  if (theirs === netuid) return;
  const detail = `netuid is ${theirs}, NETUID is ${netuid}`;
  throw new StateError({ code: 'inconsistent', path: 'config.json', detail });
}
