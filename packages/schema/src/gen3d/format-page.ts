import { fieldsSection, filesTable, markdownTable as table } from '../reference/format-tables.js';
import type { StateFile } from '../state-file.js';
import { type Announcement, announcements, COLLECTED_STAGES } from './announcements.js';
import { SERVICES } from './names.js';
import { stateFiles } from './registry.js';
import { STAGE_EDGES, STAGE_OWNER, STAGES } from './stage-machine.js';

/**
 * FORMAT.md: the page for people of the format reference.
 *
 * @param schemas - The JSON Schema of every JSON file.
 * @param schemaPath - Where a file's schema lies, as a link from the page.
 */
export function formatPage(schemas: ReadonlyMap<string, object>, schemaPath: (name: string) => string): string {
  return `# The files of this repository

Generated from the registry of state files; do not edit. JSON is indented by two spaces, numbers are the shortest
doubles that read back exactly, times are UTC ISO-8601, hotkeys are SS58 addresses. Text is UTF-8, lines end with a
line feed. Readers ignore fields that they do not know; new versions only add optional fields and files.

In paths, \`{round}\` is a number from 0, \`{side}\` a hotkey or \`leader\`, \`{left}\` the first ten characters of a
defender's hotkey or \`leader\`. Files marked \\* are Tiltyard's own.

${filesTable(stateFiles, schemaPath)}

A service writes files of the current round, in the stages named here, which is where \`state.json\` stands in the parent
commit; schedule and rules are written for the next round. The competition's first commit is the operator's.

How a file may change from one commit to the next:

${table(
  ['change', 'meaning'],
  Object.entries(CHANGE_TEXT).map(([kind, text]) => [`\`${kind}\``, text]),
)}

No file is ever deleted. Every other change is refused by the services and reported by \`tiltyard audit\`.

## Stages

${table(['stage', 'owner', 'goes on to'], STAGES.map(stageRow))}

The owner moves the competition on. \`current_round\` rises by one with finalizing → open and never else. An operator's
\`pause\` in \`amendments.json\` names a stage: its owner then writes \`paused\` to \`state.json\`, and after a \`resume\` that
stage again.

## Fields

The schemas say the same for programs, with all bounds. Optional fields are Tiltyard's own, apart from
\`generation_deadline_block\` and those with a default; other software may write none of them.
${[...schemas].map(([name, schema]) => fieldsSection(stateFiles, name, schema, KEYS)).join('')}
### \`rounds/{round}/matches_matrix.csv\`

A header line \`left,right,margin\`, then a line a match. \`left\` defends, a hotkey or \`leader\`; \`right\` challenges;
\`margin\` is the report's, from -1 to 1. A pair that was judged again has another line; its last one counts.

### \`prompts.txt\`, \`rounds/{round}/prompts.txt\`

A prompt a line: the URL of an image, or \`text: \` and a text. A prompt's stem names it everywhere: the URL's file name
without extension; of a text, its first letters and digits joined by hyphens (at most 40 characters), a hyphen, and the
first 8 hex digits of its sha256. A stem has letters, digits, \`_\`, \`.\` and \`-\` and begins with none of the last two.

### \`allowed_signers\`

A key a line, as OpenSSH reads it: \`SERVICE[,SERVICE] KEYTYPE KEY\`, a key for every service that
may sign with it, or one for several. Services are ${SERVICES.slice(0, 3).join(', ')},
${SERVICES.slice(3).join(' and ')}. Lines that begin with \`#\` are comments.

## Older shapes

Repositories of other software may hold these, which are read and never written: a \`leader.json\` that is an object with
the list in \`transitions\`; a \`winner.json\` with \`hotkey\` in place of \`winner_hotkey\`; duels whose \`winner\` is
\`skipped\`; carriage returns before line feeds, no line feed at the end, a byte order mark at the beginning.

Refused in every file: a key that stands twice in one object, numbers beyond the range of doubles, nesting deeper than 64.

## Commit messages

A message has a line for everything that its commit announces, sorted, then the trailers \`Service:\` and \`Version:\`. Every
changed file is announced, and every line of a commit is its service's. Sides are named by the first ten characters of
the hotkey, or \`leader\`.

${table(['line, for example', 'writer', 'announces'], EXAMPLES.map(lineRow))}
`;
}

const CHANGE_TEXT: Readonly<Record<StateFile['change']['kind'], string>> = {
  transition: 'replaced along the legal edges between stages',
  append: 'the old content is a prefix of the new',
  once: 'written once, never again; a match report once more for every `rejudge_match` amendment, whose number it carries',
  settle:
    'a map whose keys never vanish and whose settled entries never change, unless an amendment opens one, whose number it then carries',
  report: 'replaced by its writer; nothing decides from it',
  manual: 'written by the operator; `config.json` not any more once the competition has started',
};

const MINER = '5GgpGaDxzT';
const [round, miner] = [3, MINER];

/** One line of every form of the grammar. */
const EXAMPLES: readonly Announcement[] = [
  { kind: 'start', name: 'mesh' },
  { kind: 'submissions', round },
  { kind: 'no_submissions', round },
  ...COLLECTED_STAGES.map((stage) => ({ kind: 'stage', round, stage }) as const),
  { kind: 'submitted', round, miner },
  { kind: 'builds', round },
  { kind: 'generated', round, miner: 'leader' },
  { kind: 'pod_stats', round, miner },
  { kind: 'generation_audits', round },
  { kind: 'match_report', left: 'leader', right: MINER },
  { kind: 'matrix', round },
  { kind: 'audit_requests', round },
  { kind: 'winner', round, winner: MINER },
  { kind: 'state', round, stage: 'finalizing', schedule: false, leader: false },
  { kind: 'state', round, stage: 'paused', schedule: false, leader: false },
  { kind: 'state', round: round + 1, stage: 'open', schedule: true, leader: true },
  { kind: 'state', round, stage: 'finished', schedule: false, leader: false },
  { kind: 'amendment', round, id: 1, action: 'void_audit' },
  { kind: 'source_audits', round },
  { kind: 'prompt_pool' },
  { kind: 'allowed_signers' },
];

function stageRow(stage: (typeof STAGES)[number]): readonly string[] {
  const to = stage === 'paused' ? 'the stage that it was paused in' : STAGE_EDGES[stage].join(', ');
  const owner = stage === 'paused' ? 'the owner of the stage that it was paused in' : STAGE_OWNER[stage];
  return [`\`${stage}\``, owner ?? 'nobody', to === '' ? 'nothing' : to];
}

function lineRow(announcement: Announcement): readonly string[] {
  const files = announcements.files(announcement).map((name) => stateFiles[name].path.template.split('/').at(-1));
  return [
    `\`${announcements.format(announcement)}\``,
    announcements.owners(announcement).join(', '),
    [...new Set(files)].map((file) => `\`${file}\``).join(', '),
  ];
}

/** What the keys of a map are. */
const KEYS: Readonly<Record<string, string>> = {
  submissions: 'hotkey',
  builds: 'hotkey',
  generationAudits: 'hotkey',
  submitted: 'stem',
  generated: 'stem',
  podStats: 'pod',
};
