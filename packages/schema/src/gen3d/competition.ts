import { type Competition, OPERATOR, type Standing } from '../competition.js';
import { FormatError } from '../format-error.js';
import type { AmendedContext } from './amended-context.js';
import { announceChanges } from './announce-changes.js';
import { type Announcement, announcements, isAnnouncedBy } from './announcements.js';
import type { Amendments } from './files/amendments.js';
import type { CompetitionState } from './files/state.js';
import { stageHeld } from './held-stage.js';
import { SERVICES, type ServiceName } from './names.js';
import type { AnyPathParams } from './paths.js';
import { stateFiles } from './registry.js';
import { stateOwners } from './stage-machine.js';

/** 404-GEN's competition of 3D models. */
export const gen3d = {
  name: 'gen3d',
  files: stateFiles,
  writers: SERVICES,
  required: [stateFiles.config, stateFiles.state],
  // The workflow decides what the audited images are made of.
  operatorFolders: ['.github'],
  lines: {
    announce: announceChanges,
    parse: announcements.parse,
    owners: announcements.owners,
    covers: isAnnouncedBy,
  },
  beginning: { owners: () => [OPERATOR], context: ({ params }) => ({ amendments: [], params }), derivedFrom: () => [] },
  async standing(read, changes) {
    const state = await read(stateFiles.state, {});
    if (state === undefined) {
      const path = stateFiles.state.path.format({});
      throw new FormatError({ code: 'schema', path, field: '', detail: 'is missing' });
    }
    const rounds = changes.flatMap(({ params }) => (params as AnyPathParams).round ?? []);
    const amendments = new Map<number, Amendments>();
    for (const round of new Set([state.current_round, ...rounds])) {
      amendments.set(round, (await read(stateFiles.amendments, { round })) ?? []);
    }
    return standingAt(state, (round) => amendments.get(round) ?? []);
  },
} as const satisfies Competition<ServiceName, Announcement>;

/** Where the competition stands with this state.json. @param amendments - Those of a round, at the same commit. */
export function standingAt(state: CompetitionState, amendments: (round: number) => Amendments): Standing<ServiceName> {
  const held = stageHeld(amendments(state.current_round));
  return {
    stage: state.stage,
    round: state.current_round,
    owners: ({ name, file }) =>
      name === 'state' ? stateOwners(state.stage, held) : (file.writers as readonly ServiceName[]),
    context({ params }): AmendedContext {
      const { round = state.current_round } = params as AnyPathParams;
      return { amendments: amendments(round), params };
    },
    // A pause that came in meanwhile holds the stage.
    derivedFrom: ({ name }) =>
      name === 'state' ? [stateFiles.amendments.path.format({ round: state.current_round })] : [],
  };
}
