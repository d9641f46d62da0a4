import { type RuleNames, SHARED_RULES } from '../rules/rule-names.js';

const { H1, H2, H3, H4, A0, F1, F2, F3, S1, S2, W1, W2, W3, W4, W5, W6, W7, O1, G1, G2 } = SHARED_RULES;

/**
 * The rules of the 3D competition, in the order in which they are told. T is the stage machine, L leaders, R content.
 *
 * @see docs/auditing.md#the-rules
 */
export const RULES = {
  H1,
  H2,
  H3,
  H4,
  A0,
  A1: { name: 'leader-history', says: 'Entries of leader.json are only appended.' },
  A2: { name: 'matrix-rows', says: 'Rows of the matrix are only appended.' },
  A3: { name: 'request-list', says: 'Audit requests are only appended.' },
  A4: { name: 'settled-audits', says: 'A settled generation audit neither changes nor vanishes.' },
  A5: { name: 'settled-builds', says: 'A settled build does not change, and no build vanishes.' },
  A6: {
    name: 'written-once',
    says: 'Seed, prompts, submissions, schedule, rules and winner of a round are written once.',
  },
  A7: { name: 'reports-once', says: 'A match report is written once, and again only when an amendment asks for it.' },
  A8: { name: 'settled-results', says: 'Results do not vanish, and usable ones do not get worse.' },
  A9: { name: 'frozen-config', says: 'config.json does not change once the competition runs.' },
  A10: { name: 'amendment-list', says: 'Amendments are only appended.' },
  F1,
  F2,
  F3,
  S1,
  S2,
  T1: { name: 'legal-stages', says: 'The stage moves along legal edges.' },
  T2: { name: 'round-never-falls', says: 'The current round never falls.' },
  T3: { name: 'round-steps', says: 'The current round rises by one, with finalizing → open.' },
  T4: { name: 'stage-owners', says: 'The stage is moved by the service whose stage it was.' },
  L1: { name: 'rising-blocks', says: 'The effective blocks of leaders rise.' },
  W1,
  W2,
  W3,
  W4,
  W5,
  W6,
  W7,
  O1,
  G1,
  G2,
  R1: { name: 'row-and-report', says: 'A row has its report, with the same sides and the same margin.' },
  R1b: { name: 'qualified-first', says: 'Two miners meet once both have qualified against the leader.' },
  R2: {
    name: 'report-score',
    says: 'Score, margin, prompts and URLs of a report follow from its duels and the files.',
  },
  R2d: { name: 'duel-winners', says: "A duel's judges are the round's, and its winner follows from their answers." },
  R2f: { name: 'forced-outcomes', says: 'Outcomes that need no judge are as they must be, and only those.' },
  R2e: { name: 'failed-duels', says: 'No row depends on duels that the judge failed to judge.' },
  R2s: { name: 'judged-files', says: 'What a match was judged on stays as it was.' },
  R3: { name: 'audit-requests', says: 'An audit is requested for a win, with the prompts that the win depends on.' },
  R4: { name: 'audit-verdicts', says: "An audit's verdict was asked for, and follows from the files." },
  R5: { name: 'leader-entry', says: 'A leader entry follows from the winner, the last entry and config.json.' },
  R6: { name: 'schedule', says: 'A schedule follows from the one before it and config.json.' },
  R6r: { name: 'frozen-rules', says: "A round's rules follow from config.json and the rules of the round before." },
  R6t: { name: 'chain-speed', says: "What the schedules say of the chain's speed." },
  R7: { name: 'submissions', says: 'Submissions are of the window, in order of reveal, no two with one short name.' },
  R8: {
    name: 'draws',
    says: "The seed is the block hash's, the prompts are the seed's, and their pictures are on record.",
  },
  R8w: { name: 'seed-witnesses', says: "A seed's block has as many witnesses as config.json demands." },
  R9: { name: 'builds', says: 'Builds are those of the submissions: tags, images, one image format, full time.' },
  R10: { name: 'winner', says: 'winner.json follows from the order, the matrix, the builds and the audits.' },
  R11: { name: 'round-end', says: 'A round ends with a winner on record, and with everybody heard.' },
  R12: { name: 'stage-end', says: 'A stage ends in one commit with the files that it is there for.' },
  R13: {
    name: 'submitted-files',
    says: 'What miners submitted is on record: complete, in bounds, and under its right name.',
  },
  R14: { name: 're-runs', says: 'What a container made again is the best of its attempts, until its verdict.' },
} as const satisfies RuleNames;

/** A rule's id. */
export type RuleId = keyof typeof RULES;
/** The rules' ids, in the order in which they are told. */
export const RULE_IDS = Object.keys(RULES) as readonly RuleId[];
