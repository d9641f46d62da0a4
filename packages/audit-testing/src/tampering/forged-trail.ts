import {
  Amendments,
  type LeaderEntry,
  type ServiceName,
  STAGE_EDGES,
  STAGE_OWNER,
  STAGES,
  stateFiles,
} from '@tiltyard/schema/gen3d';
import type { ForgedCommit } from './forged-commit.js';
import { rewrite } from './forgery.js';
import type { Tip } from './tip.js';

/** Who moves the competition on from where it stands. */
const moverOf = ({ state }: Tip): ServiceName => STAGE_OWNER[state.stage] ?? 'round-manager';

/** Steps that nothing led to: of the stage machine, of the leader, of the operator, of the history itself. */
export const TRAIL_FORGERIES: readonly ForgedCommit[] = [
  {
    name: 'a stage is skipped',
    rule: 'T1',
    async forge(tip) {
      const file = await tip.last('state');
      const { stage: from } = file.value;
      const legal = [...STAGE_EDGES[from], from, 'paused', 'finished'];
      const stage = STAGES.findLast((to) => !legal.includes(to)) ?? 'duels';
      return rewrite('state', file, { ...file.value, stage }, { service: moverOf(tip) });
    },
  },
  {
    name: 'the competition is held without an order',
    rule: 'T1',
    async forge(tip) {
      const file = await tip.last('state');
      return rewrite('state', file, { ...file.value, stage: 'paused' }, { service: moverOf(tip) });
    },
  },
  {
    name: 'a round is skipped',
    rule: 'T3',
    async forge(tip) {
      const file = await tip.last('state');
      const current_round = file.value.current_round + 1;
      return rewrite('state', file, { ...file.value, current_round }, { service: moverOf(tip) });
    },
  },
  {
    name: 'the round before is taken up again',
    rule: 'T2',
    async forge(tip) {
      const file = await tip.last('state', (state) => state.current_round > 0);
      const current_round = file.value.current_round - 1;
      return rewrite('state', file, { ...file.value, current_round }, { service: moverOf(tip) });
    },
  },
  {
    name: 'a round goes past its duels, with nothing on who submitted',
    rule: 'R12',
    async forge(tip) {
      const file = await tip.last('state', ({ stage }) => stage === 'open');
      const announcement = { kind: 'no_submissions', round: file.value.current_round } as const;
      return rewrite('state', file, { ...file.value, stage: 'finalizing', next_stage_eta: null }, { announcement });
    },
  },
  {
    name: 'a round is opened with nothing to go by',
    rule: 'R12',
    async forge(tip) {
      const file = await tip.last('state', ({ stage }) => stage === 'open');
      const announcement = { kind: 'submissions', round: file.value.current_round } as const;
      return rewrite('state', file, { ...file.value, stage: 'miner_generation' }, { announcement });
    },
  },
  {
    name: 'a leader is made without a round',
    rule: 'R5',
    async forge(tip) {
      const file = await tip.last('leader');
      const { value: submissions } = await tip.last('submissions', (all) => Object.keys(all).length > 0);
      const [hotkey] = Object.keys(submissions) as (keyof typeof submissions)[];
      const last = file.value.at(-1) as LeaderEntry;
      const effective_block = (last.effective_block + 1) as LeaderEntry['effective_block'];
      const entry = { ...last, hotkey: hotkey ?? last.hotkey, weight: 1, effective_block };
      const round = tip.state.current_round;
      return rewrite('leader', file, [...file.value, entry], {
        announcement: { kind: 'state', round, stage: 'open', schedule: false, leader: true },
      });
    },
  },
  {
    name: 'config.json is changed',
    rule: 'A9',
    async forge(tip) {
      const file = await tip.last('config');
      return rewrite('config', file, { ...file.value, win_margin: file.value.win_margin / 2 });
    },
  },
  {
    name: 'a service orders a correction itself',
    rule: 'O1',
    async forge(tip) {
      const round = tip.state.current_round;
      const { value: submissions } = await tip.last('submissions', (all) => Object.keys(all).length > 0);
      const [hotkey = ''] = Object.keys(submissions);
      const amendments = Amendments.parse([
        { id: 1, at: tip.at.toISOString(), reason: 'a duplicate', action: 'exclude_hotkey', hotkey },
      ]);
      return {
        service: 'judge-service',
        lines: [`Amendment 1 for round ${round}: exclude_hotkey`],
        files: new Map([
          [stateFiles.amendments.path.format({ round }), stateFiles.amendments.codec.format(amendments)],
        ]),
      };
    },
  },
  {
    name: 'a change hides behind the line of another',
    rule: 'W4',
    async forge(tip) {
      const file = await tip.last('rules', ({ tournament }) => tournament.win_margin > 0);
      const tournament = { ...file.value.tournament, win_margin: file.value.tournament.win_margin / 2 };
      // A line about the state alone: a schedule and its rules would have to be in it.
      const round = tip.state.current_round;
      return rewrite(
        'rules',
        file,
        { ...file.value, tournament },
        {
          announcement: { kind: 'state', round, stage: 'open', schedule: false, leader: false },
        },
      );
    },
  },
  {
    name: 'another line of history is merged in',
    rule: 'H1',
    async forge(tip) {
      const file = await tip.last('state');
      const { service, lines } = rewrite(
        'state',
        file,
        { ...file.value, next_stage_eta: null },
        { service: moverOf(tip) },
      );
      return { service, lines, files: new Map(), merged: [`${tip.id}^`] };
    },
  },
];
