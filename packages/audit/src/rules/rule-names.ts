/** What a rule is called, and what it asks. */
export interface RuleName {
  /** In kebab-case, shown beside the id wherever a person reads it. */
  readonly name: string;
  /** The rule in one sentence. */
  readonly says: string;
}

/** A competition's rules by id, in the order in which they are told. */
export type RuleNames = Readonly<Record<string, RuleName>>;

/** The rules that follow from any table. H is the history, A how files change, F formats, S stages and rounds, W messages and people, O owners, G signatures. */
export const SHARED_RULES = {
  H1: { name: 'one-line', says: 'The history is one line: no merges, no second beginning.' },
  H2: { name: 'known-tip', says: 'A tip that was seen before is still part of the history.' },
  H3: { name: 'files-present', says: 'Every state file of the history is in this repository.' },
  H4: { name: 'git-objects', says: 'Commits and folders are as git writes them, and of a size that is read.' },
  A0: { name: 'no-deletion', says: 'No state file is deleted.' },
  F1: { name: 'plain-files', says: 'Every state file is a plain file that parses.' },
  F2: { name: 'schemas', says: 'Every state file fits its schema, and counts in its era only.' },
  F3: { name: 'other-formats', says: 'What is of other formats than these is named, with what becomes of it.' },
  S1: { name: 'file-stages', says: 'A service writes a file in its stages only.' },
  S2: {
    name: 'file-rounds',
    says: "A service writes the current round's files, and the next one's schedule and rules.",
  },
  W1: {
    name: 'no-manual-writes',
    says: 'Once the competition runs, people leave its state alone, and services keep their authors.',
  },
  W2: { name: 'message-grammar', says: "Every line of a service's message is in the grammar." },
  W3: { name: 'one-service', says: "A commit is one service's: all of its lines are." },
  W4: { name: 'changes-announced', says: 'Every changed file is announced.' },
  W5: { name: 'announcements-kept', says: 'What is announced did change.' },
  W6: { name: 'repository-settings', says: "What runs for the repository is the operator's to change." },
  W7: {
    name: 'commit-dates',
    says: 'Commits are of times that have come, dated after one another, and have the author that they name.',
  },
  O1: { name: 'file-owners', says: 'A file is written by its owner.' },
  G1: { name: 'service-signatures', says: 'Once a service has a key, what it writes is signed with it.' },
  G2: { name: 'operator-signatures', says: 'Amendments are signed by an operator.' },
} as const satisfies RuleNames;

/** `R2f forced-outcomes`: a rule as people read it. */
export function ruleTitle(rules: RuleNames, id: string): string {
  const name = rules[id]?.name;
  return name === undefined ? id : `${id} ${name}`;
}
