import { csv, Hotkey, json, LEADER, report, Side } from '@tiltyard/schema';
import { DuelWinner, type Gen3dFile, knownPath, Margin, type StateFileName, stateFile } from '@tiltyard/schema/gen3d';
import { z } from 'zod';
import type { AuditedPath } from '../../git/paths.js';

/** A margin of an audit duel: `left` is `submitted_K`, `leader_K` or `HOTKEY_K`, `right` whose K-th re-run was judged against it. */
const AuditRow = z.object({
  left: z.string().max(60),
  right: Hotkey,
  margin: z.string().max(30).transform(Number).pipe(Margin),
});
const AuditRows = z.array(AuditRow) as unknown as z.ZodType<readonly AuditRow[]>;
export interface AuditRow extends Record<string, unknown> {
  readonly left: string;
  readonly right: Hotkey;
  readonly margin: number;
}

/** How the re-runs of a miner's container went; `repeats` is absent in the first rounds, which had one re-run each. */
const GenerationReport = z.looseObject({
  hotkey: Hotkey,
  outcome: z.enum(['pending', 'completed', 'rejected']),
  repeats: z
    .array(z.looseObject({ repeat_index: z.int().min(1).max(1000) }))
    .max(1000)
    .optional(),
  reason: z.string().max(20_000),
});
export type GenerationReport = z.infer<typeof GenerationReport>;
const GenerationReports = z.record(Hotkey, GenerationReport);
export type GenerationReports = Readonly<Record<Hotkey, GenerationReport>>;

/** A re-run judged against what was submitted (`left` is `submitted`) or against a defender: of its duels, who won. */
const AuditReport = z.looseObject({
  left: z.string().max(60),
  right: Hotkey,
  score: z.int(),
  margin: Margin,
  duels: z.array(z.looseObject({ winner: DuelWinner })).max(10_000),
});
export type AuditReport = z.infer<typeof AuditReport>;

/** A challenger against whoever led when its turn came, as the first competition wrote it; `leader` is the base leader or a hotkey. */
const ChainReport = z.looseObject({
  leader: Side,
  hotkey: Hotkey,
  score: z.int(),
  margin: Margin,
  outcome: z.enum(['leader_defends', 'challenger_wins']),
  duels: z.array(z.looseObject({ winner: z.enum(['leader', 'miner', 'draw', 'skipped']) })).max(10_000),
});
export type ChainReport = z.infer<typeof ChainReport>;

/** In the first rounds there was one re-run, which has no number. */
const AUDIT_REPORT =
  /^rounds\/(0|[1-9]\d{0,5})\/([1-9A-HJ-NP-Za-km-z]{46,48})\/audit_[0-9A-Za-z]{1,10}(?:_\d{1,3})?\.json$/;

/** The path of a re-run's report; `repeat` is undefined for one without a number. */
export function auditReportPath(round: number, right: string, left: string, repeat: number | undefined): string {
  const number = repeat === undefined ? '' : `_${repeat}`;
  return `rounds/${round}/${right}/audit_${left.slice(0, 10)}${number}.json`;
}

/** Files that decide rounds of other competitions and that the registry does not have. They are read, never written. */
export const eraFiles = {
  auditMatrix: stateFile({
    path: 'rounds/{round}/audit_matrix.csv',
    codec: csv(['left', 'right', 'margin'], AuditRows),
    writers: ['judge-service'],
    stages: ['duels'],
    change: report(),
    says: 'What judging re-runs came to, against what was submitted and against the defender.',
  }),
  generationReports: stateFile({
    path: 'rounds/{round}/generation_reports.json',
    codec: json(GenerationReports),
    writers: ['generation-orchestrator'],
    stages: ['miner_generation', 'downloading', 'duels'],
    change: report(),
    says: "How the re-runs of miners' containers went.",
  }),
  chainReport: stateFile({
    path: 'rounds/{round}/{side}/duels.json',
    codec: json(ChainReport),
    writers: ['judge-service'],
    change: report(),
    says: 'A challenger against whoever led when its turn came.',
  }),
  auditReport: {
    ...stateFile({
      path: 'rounds/{round}/{side}/audit_report.json',
      codec: json(AuditReport),
      writers: ['judge-service'],
      stages: ['duels'],
      change: report(),
      says: 'Every duel of a re-run against what was submitted, or against the defender.',
    }),
    path: {
      template: 'rounds/{round}/{side}/audit_DEFENDER_K.json',
      match: (path: string) => {
        const [, round, side] = AUDIT_REPORT.exec(path) ?? [];
        return side === undefined ? undefined : { round: Number(round), side: Hotkey.parse(side) };
      },
    },
  },
} as const;

export type EraFileName = keyof typeof eraFiles;

/**
 * Where the files that a side plays with may lie; the first that is there counts. The later competition numbers the re-runs
 * of the leader's container, and in the first one a container made everything that a miner had.
 */
export function sidePaths(round: number, side: string): readonly string[] {
  const names = side === LEADER ? ['generated_1', 'generated', 'generations'] : ['submitted', 'generations'];
  return names.map((name) => `rounds/${round}/${side}/${name}.json`);
}

/** The name of a file that is read. */
export type AuditedName = StateFileName | EraFileName;

const ERA_FILES = Object.entries(eraFiles) as unknown as readonly (readonly [EraFileName, Gen3dFile])[];
/** Where the later competition keeps what the leader's container made, and the first one what every container made. */
const CONTAINER_FILES = /^(rounds\/(?:0|[1-9]\d{0,5})\/)(?:(leader)\/generated_1|([^/]+)\/generations)\.json$/;

/** The era that keeps what containers made under a path; undefined for a path of every era's. */
export function pathEra(path: string): 'splats' | 'scripts' | undefined {
  const [, round, leader] = CONTAINER_FILES.exec(path) ?? [];
  if (round === undefined) return undefined;
  return leader === undefined ? 'splats' : 'scripts';
}

/**
 * What a path is that the registry does not have: a file of another era, or one that a reference repository of the later
 * competition has in the place of the registry's.
 *
 * @returns undefined when it is nothing that is read.
 */
export function eraPath(path: string): AuditedPath | undefined {
  for (const [name, file] of ERA_FILES) {
    const params = file.path.match(path);
    if (params !== undefined) return { name, file, params };
  }
  const [, round, leader, side = leader] = CONTAINER_FILES.exec(path) ?? [];
  return side === undefined ? undefined : knownPath(`${round}${side}/generated.json`);
}
