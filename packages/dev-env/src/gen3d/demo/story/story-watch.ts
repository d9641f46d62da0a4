import type { Snapshot } from '@tiltyard/ledger';
import { LEADER } from '@tiltyard/schema';
import { stateFiles } from '@tiltyard/schema/gen3d';
import { readDuels, readRound, timelineOf } from '@tiltyard/service-kit/gen3d';
import type { DemoEvent, TellDemo } from '../demo-event.js';
import type { NameBook } from './name-book.js';

/** Tells who takes the lead and whose audit ends how, while duels go on. */
export interface StoryWatch {
  look(snapshot: Snapshot): Promise<void>;
}

/** Opens a watch that tells each thing once. */
export function openStoryWatch(names: NameBook, tell: TellDemo): StoryWatch {
  const told = new Set<string>();
  const once = (key: string, event: DemoEvent) => {
    if (told.has(key)) return;
    told.add(key);
    tell(event);
  };
  return {
    async look(snapshot) {
      const view = await readRound(snapshot);
      if (view.stage !== 'duels') return;
      const { round } = view;
      const timeline = timelineOf(await readDuels(view));
      const audits = (await snapshot.read(stateFiles.generationAudits, { round })) ?? {};
      for (const { hotkey, outcome, reason } of Object.values(audits)) {
        const name = names.nameOf(hotkey);
        if (outcome !== 'pending') once(`audit ${round} ${name}`, { kind: 'audit', round, name, outcome, reason });
      }
      if (timeline.current === LEADER) return;
      const name = names.nameOf(timeline.current);
      const margin = timeline.entries.find((entry) => entry.hotkey === timeline.current)?.margin;
      once(`lead ${round} ${name}`, { kind: 'lead', round, name, margin });
    },
  };
}
