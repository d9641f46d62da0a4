import { type Announcement, gen3d, type StateFileName, standingAt } from '@tiltyard/schema/gen3d';
import type { AuditedCompetition } from '../audited-competition.js';
import type { StandingOnRecord } from '../competition-facts.js';
import type { Tree } from '../replay/tree.js';
import { ALL_RULES } from './all-rules.js';
import { CERTAINLY_VALID } from './certainly-valid.js';
import { bearsOurMarks } from './commit-view.js';
import { HistoryRecord, keptOfText, LARGE, READ_ONCE } from './history-record.js';
import { GEN3D_LEGACY } from './legacy/legacy.js';
import { otherFileOf } from './legacy/other-files.js';
import { ERAS } from './legacy/other-format.js';
import { promisedBy } from './promises.js';
import { RULES } from './rule-names.js';
import type { RoundStory } from './story/round-story.js';
import { valueIn } from './tree.js';

/** What a reader should know of how a repository was read: whoever makes one look like the other's is held to less. */
const AS_READ = {
  ours: 'as ours: thresholds from rules.json, seeds from block hashes, trailers, signatures, amendments',
  reference: "as the reference implementation's: seeds, thresholds, owners and signatures are not checked",
} as const;

/** The 3D competition, as it is audited. */
export const GEN3D: AuditedCompetition<RoundStory> = {
  ...gen3d,
  ruleNames: RULES,
  rules: ALL_RULES,
  mainFile: 'state' satisfies StateFileName,
  folders: /^rounds(?:\/(?:0|[1-9]\d{0,5})(?:\/(?:leader|[1-9A-HJ-NP-Za-km-z]{46,48}))?)?$/,
  large: LARGE,
  readOnce: READ_ONCE,
  operatorSigned: ['amendments'] satisfies readonly StateFileName[],
  certainlyValid: CERTAINLY_VALID,
  legacy: GEN3D_LEGACY,
  standingIn,
  bearsMarks: bearsOurMarks,
  promises: (line, at) => promisedBy(line as Announcement, at),
  eras: ERAS,
  otherFile: otherFileOf,
  keptOfText,
  readAs: ({ dialect, isHeldAgainstChain }) => ({
    dialect: AS_READ[dialect],
    warnings:
      dialect === 'ours' && !isHeldAgainstChain
        ? ['seeds: NOT checked against the chain, only against the hashes in seed.json (--network checks)']
        : [],
  }),
  openRecord: () => new HistoryRecord(),
};

/** Without a state.json that can be read, files are their table's writers', and amendments are those of a file's round. */
function standingIn(tree: Tree): StandingOnRecord {
  const amendments = (round: number) => valueIn(tree, 'amendments', { round }) ?? [];
  const state = valueIn(tree, 'state', {});
  if (state !== undefined) return standingAt(state, amendments);
  return {
    owners: ({ file }) => file.writers,
    context: ({ params }) => ({ amendments: amendments((params as { round?: number }).round ?? 0), params }),
  };
}
