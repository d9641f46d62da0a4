import type { Chain } from '@tiltyard/chain';
import { describeUnvouched, type Ledger, LedgerError, type Snapshot } from '@tiltyard/ledger';
import { type LeaderHistory, stateFiles } from '@tiltyard/schema/gen3d';
import { type Notices, StateError } from '@tiltyard/service-kit';
import { subnetOf } from '@tiltyard/service-kit/gen3d';

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

/**
 * Opens a reader of leader.json that remembers what it read last, so that nothing that happens to the repository stops the
 * payments: out of reach, rewritten, newer than this software, not to be parsed, or with a leader.json that does not
 * continue the one that was known. One that was changed without a key for it is read as it was before, also after a
 * restart. Operators hear of it. What is remembered lasts as long as the process; the clone's last state outlives it.
 *
 * While nothing is known yet, the reader throws whatever went wrong, and StateError on another chain or subnet than the
 * repository's, whose leaders are not ours to pay.
 */
export function openKnownLeaders(ports: LeaderPorts): ReadLeaders {
  const { ledger, notices } = ports;
  let known: LeaderHistory | undefined;

  // Each kind of trouble has its own notice: "rewritten" must not get lost among an outage's repeats.
  const tell = (kind: string, detail: string) => {
    const title = 'The state repository cannot be trusted or reached; paying the last known leader';
    notices.send({ key: `ledger-${kind}`, severity: 'alarm', title, detail });
  };

  /** The remote's state, or the clone's last one: what this software does not understand is the remote's all the same. */
  const newest = async (signal: AbortSignal): Promise<Snapshot> => {
    try {
      return await ledger.snapshot(signal);
    } catch (error) {
      if (signal.aborted || !(error instanceof LedgerError) || error.code === 'unknown_version') throw error;
      tell(error.code, error.message);
      return await ledger.latest();
    }
  };

  return async (signal) => {
    try {
      const snapshot = await newest(signal);
      await checkSubnet(snapshot, ports);
      const { value: history = [], unvouched } = await snapshot.readVouched(stateFiles.leader);
      if (known !== undefined) checkGrown(known, history);
      known = history;
      if (unvouched === undefined) return { history };
      const doubt = describeUnvouched([unvouched]);
      tell('unvouched', doubt);
      return { history, doubt };
    } catch (error) {
      if (signal.aborted || known === undefined) throw error;
      const doubt = error instanceof Error ? error.message : String(error);
      tell('doubt', doubt);
      return { history: known, doubt };
    }
  };
}

/** @throws StateError when a leader.json does not continue the one that was known: its entries are only appended */
function checkGrown(known: LeaderHistory, history: LeaderHistory): void {
  // Nothing that an operator may amend is in it.
  const [fault] = stateFiles.leader.change.check(known, history, { amendments: [], params: {} });
  if (fault !== undefined) throw new StateError({ code: 'inconsistent', path: 'leader.json', detail: fault.detail });
}

/** @throws StateError on another chain or subnet than the repository's, and without config.json */
async function checkSubnet(snapshot: Snapshot, { chain, netuid }: LeaderPorts): Promise<void> {
  const { value: config } = await snapshot.readVouched(stateFiles.config);
  if (config === undefined) throw new StateError({ code: 'missing', path: 'config.json' });
  const theirs = subnetOf({ config }, chain, netuid);
  if (theirs === netuid) return;
  const detail = `netuid is ${theirs}, NETUID is ${netuid}`;
  throw new StateError({ code: 'inconsistent', path: 'config.json', detail });
}
