import type { Ledger } from '@tiltyard/ledger';
import { readRound } from '@tiltyard/service-kit/gen3d';
import PQueue from 'p-queue';
import type { DriveProgress } from '../../network/driver.js';
import type { TellDemo } from '../demo-event.js';
import { announcedInShort } from './announced.js';
import type { NameBook } from './name-book.js';
import { type RoundReport, reportRound } from './round-report.js';
import { openStoryWatch } from './story-watch.js';

export interface ChronicleOptions {
  readonly ledger: Ledger;
  readonly names: NameBook;
  readonly tell: TellDemo;
  /** Called with every round that is over, one after another. */
  readonly onRound: (report: RoundReport) => Promise<void>;
}

/** Follows a competition: tells its progress, and reports every round once it is over. */
export interface Chronicle {
  note(progress: DriveProgress): void;
  /** Waits until everything noted is reported. @throws what kept it from being reported */
  close(): Promise<readonly RoundReport[]>;
}

/** Opens a chronicle. It reads in parallel to the competition and in order. */
export function openChronicle({ ledger, names, tell, onRound }: ChronicleOptions): Chronicle {
  const queue = new PQueue({ concurrency: 1 });
  const story = openStoryWatch(names, tell);
  const reports: RoundReport[] = [];
  let failure: { readonly error: unknown } | undefined;
  const inTurn = (work: () => Promise<void>) =>
    void queue.add(work).catch((error: unknown) => {
      failure ??= { error };
    });

  async function catchUp(round: number): Promise<void> {
    const snapshot = await ledger.latest();
    await story.look(snapshot);
    while (reports.length < round) {
      const report = await reportRound(await readRound(snapshot, reports.length), names);
      reports.push(report);
      tell({ kind: 'round', report });
      await onRound(report);
    }
  }

  return {
    note({ round, stage, note }) {
      tell({ kind: 'progress', round, stage, note: announcedInShort(note.split('; '), names) });
      inTurn(() => catchUp(round));
    },
    async close() {
      await queue.onIdle();
      if (failure !== undefined) throw failure.error;
      return reports;
    },
  };
}
