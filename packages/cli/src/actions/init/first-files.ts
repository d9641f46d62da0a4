import { startCompetition, unsupportedChoices } from '@tiltyard/rules/gen3d';
import { type Config, type LeaderEntry, promptOf, type Rules, stateFiles } from '@tiltyard/schema/gen3d';
import { CliError } from '../../cli-error.js';
import { unsignedServices } from './signers.js';

/** Everything in a competition's first commit that is not from the template. */
export interface FirstFacts {
  readonly config: Config;
  readonly pool: readonly string[];
  readonly signers: readonly string[];
  readonly now: { readonly block: number; readonly time: Date };
  readonly baseLeader: LeaderEntry;
  readonly software: Rules['software'];
  readonly rendering: Rules['rendering'];
}

/** The state files of a competition's first commit: round 0 is scheduled and open, and its rules are frozen. */
export interface FirstFiles {
  readonly files: ReadonlyMap<string, string>;
  readonly schedule: { readonly earliest: number; readonly latest: number; readonly deadline: number };
  readonly startsAt: string;
  readonly warnings: readonly string[];
}

/** @throws CliError `invalid` when no round fits, the prompt pool cannot serve one, or nothing can play by the rules. */
export function firstFiles(facts: FirstFacts): FirstFiles {
  const { config, pool, signers, now, baseLeader, software, rendering } = facts;
  const warnings = [...checkPool(pool, config), ...checkSigners(signers)];
  const first = startCompetition({ config, now, baseLeader, software, rendering });
  if (first === undefined) {
    const detail = `is ${config.last_competition_date}: no round fits before it`;
    throw new CliError({ code: 'invalid', what: 'config.json: last_competition_date', detail });
  }
  const { schedule, rules, leader, state } = first;
  // The services use the same list: a round with another choice would never end.
  for (const { field, problem } of unsupportedChoices(rules)) {
    throw new CliError({ code: 'invalid', what: `config.json: ${field}`, detail: problem });
  }
  const round = { round: 0 };
  const files = new Map([
    [stateFiles.config.path.format({}), stateFiles.config.codec.format(config)],
    [stateFiles.state.path.format({}), stateFiles.state.codec.format(state)],
    [stateFiles.leader.path.format({}), stateFiles.leader.codec.format(leader)],
    [stateFiles.promptPool.path.format({}), stateFiles.promptPool.codec.format(pool)],
    [stateFiles.allowedSigners.path.format({}), stateFiles.allowedSigners.codec.format(signers)],
    [stateFiles.schedule.path.format(round), stateFiles.schedule.codec.format(schedule)],
    [stateFiles.rules.path.format(round), stateFiles.rules.codec.format(rules)],
  ]);
  return {
    files,
    schedule: {
      earliest: schedule.earliest_reveal_block,
      latest: schedule.latest_reveal_block,
      deadline: schedule.generation_deadline_block,
    },
    startsAt: state.next_stage_eta ?? '',
    warnings,
  };
}

/** A pool whose prompts share a name would give two prompts one file; one that is too small gives shorter rounds. */
function checkPool(pool: readonly string[], config: Config): readonly string[] {
  if (pool.length === 0) throw new CliError({ code: 'invalid', what: 'prompts.txt', detail: 'holds no prompts' });
  const seen = new Map<string, string>();
  for (const line of pool) {
    const { stem } = promptOf(line);
    const other = seen.get(stem);
    if (other !== undefined && other !== line) {
      throw new CliError({
        code: 'invalid',
        what: 'prompts.txt',
        detail: `${other} and ${line} share the name ${stem}`,
      });
    }
    seen.set(stem, line);
  }
  const { prompts_per_round: wanted, carryover_prompts: carried } = config;
  if (seen.size >= wanted * 2 - carried) return [];
  return [
    `The pool has ${seen.size} prompts; two rounds of ${wanted}, ${carried} of them carried over, draw ${wanted * 2 - carried}.`,
  ];
}

function checkSigners(signers: readonly string[]): readonly string[] {
  const without = unsignedServices(signers);
  if (without.length === 0) return [];
  return [`allowed_signers holds keys but none for ${without.join(', ')}: these cannot publish until it does.`];
}
