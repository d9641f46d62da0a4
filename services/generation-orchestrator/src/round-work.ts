import {
  buildOutcome,
  checkedPrompts,
  isBaselineComplete,
  standingAudits,
  standingBuilds,
  stillStands,
} from '@tiltyard/rules/gen3d';
import { type Hotkey, LEADER, type Side } from '@tiltyard/schema';
import {
  type AuditRequest,
  type Builds,
  type GenerationAudits,
  type Generations,
  type LeaderEntry,
  type Prompt,
  type PromptImages,
  promptOf,
  stateFiles,
} from '@tiltyard/schema/gen3d';
import { StateError } from '@tiltyard/service-kit';
import type { RoundView } from '@tiltyard/service-kit/gen3d';

/** Everything that the orchestrator decides from, at one commit. */
export interface RoundWork {
  readonly view: RoundView;
  readonly seed: number;
  readonly prompts: readonly Prompt[];
  /** Their pictures, as the round keeps them; undefined in rounds of before. */
  readonly promptImages: PromptImages | undefined;
  readonly leader: LeaderEntry | undefined;
  readonly builds: Builds;
  readonly audits: GenerationAudits;
  /** Audits that are asked for and have no verdict that counts. */
  readonly openAudits: readonly AuditRequest[];
  readonly generated: ReadonlyMap<Side, Generations>;
  readonly submitted: ReadonlyMap<Hotkey, Generations>;
}

/** Reads the round's work; undefined while seed and prompts are not public. @throws LedgerError, StateError `missing`. */
export async function readWork(view: RoundView): Promise<RoundWork | undefined> {
  const { snapshot, round, amended } = view;
  const at = { round };
  const seed = await snapshot.read(stateFiles.seed, at);
  const lines = await snapshot.read(stateFiles.prompts, at);
  if (seed === undefined || lines === undefined) return undefined;
  const audits = (await snapshot.read(stateFiles.generationAudits, at)) ?? {};
  const requests = (await snapshot.read(stateFiles.auditRequests, at)) ?? [];
  const sourceAudits = (await snapshot.read(stateFiles.sourceAudits, at)) ?? [];
  const standing = standingAudits(audits, amended);
  const openAudits = requests.filter(({ hotkey }) => {
    const outcome = standing[hotkey]?.outcome ?? 'pending';
    const source = sourceAudits.findLast((audit) => audit.hotkey === hotkey)?.verdict;
    return outcome === 'pending' && source !== 'failed' && !amended.excluded.has(hotkey);
  });
  const generated = new Map<Side, Generations>();
  const submitted = new Map<Hotkey, Generations>();
  for (const side of [LEADER, ...openAudits.map(({ hotkey }) => hotkey)] as Side[]) {
    generated.set(side, (await snapshot.read(stateFiles.generated, { round, side })) ?? {});
  }
  for (const { hotkey } of openAudits) {
    const files = await snapshot.read(stateFiles.submitted, { round, side: hotkey });
    // Every miner whose audit is asked for has one: without it a run would have no prompts, and nothing to hold against it.
    if (files === undefined) {
      throw new StateError({ code: 'missing', path: stateFiles.submitted.path.format({ round, side: hotkey }) });
    }
    submitted.set(hotkey, files);
  }
  return {
    view,
    seed: seed.seed,
    prompts: lines.map(promptOf),
    promptImages: await snapshot.read(stateFiles.promptImages, at),
    leader: (await snapshot.read(stateFiles.leader))?.at(-1),
    builds: standingBuilds((await snapshot.read(stateFiles.builds, at)) ?? {}, amended),
    audits,
    openAudits,
    generated,
    submitted,
  };
}

/** True when challengers can play the leader. */
export function isBaselineDone({ prompts, generated, view }: RoundWork): boolean {
  const stems = prompts.map((prompt) => prompt.stem);
  return isBaselineComplete(stems, generated.get(LEADER) ?? {}, view.rules.generation.max_attempts);
}

/**
 * True when an operator excluded the leader before its files were complete: what is missing then counts as not made, so
 * that a container that cannot be run does not hold the round up for ever.
 */
export function hasLeaderDefaulted(work: RoundWork): boolean {
  const { leader, view } = work;
  return leader !== undefined && view.amended.excluded.has(leader.hotkey) && !isBaselineDone(work);
}

/** Audits whose containers can be run, and those that are decided without a run because there is no container. */
export function sortAudits(work: RoundWork): {
  readonly runnable: readonly AuditRequest[];
  readonly unbuilt: readonly AuditRequest[];
} {
  const outcomeOf = ({ hotkey }: AuditRequest) => buildOutcome(work.builds[hotkey]?.status);
  return {
    runnable: work.openAudits.filter((request) => outcomeOf(request) === 'built'),
    unbuilt: work.openAudits.filter((request) => outcomeOf(request) === 'failed'),
  };
}

/** Audits that an operator voided and that have not been opened again yet: their files are put back to the start. */
export function auditsToReopen({ audits, view, openAudits }: RoundWork): readonly Hotkey[] {
  return openAudits
    .map(({ hotkey }) => hotkey)
    .filter((hotkey) => {
      const audit = audits[hotkey];
      return audit !== undefined && !stillStands(audit.amendment, view.amended.voidedAudits.get(hotkey));
    });
}

/** The prompts that an audit runs: those with a usable submission. */
export function promptsToRun({ prompts, submitted }: RoundWork, hotkey: Hotkey): readonly Prompt[] {
  const wanted = new Set(checkedPrompts(submitted.get(hotkey) ?? {}));
  return prompts.filter((prompt) => wanted.has(prompt.stem));
}
