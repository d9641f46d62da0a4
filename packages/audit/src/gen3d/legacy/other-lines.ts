import { announcements, SERVICES, type ServiceName, type StateFileName } from '@tiltyard/schema/gen3d';
import type { MessageLine, OtherLine } from '../../replay/message-line.js';
import type { OtherFormat } from './other-format.js';

interface LinePattern {
  readonly owners: readonly ServiceName[];
  readonly files: readonly StateFileName[];
  readonly era: 'splats' | 'scripts';
  readonly pattern: RegExp;
}

const ROUND = '(0|[1-9]\\d{0,5})';
const SHORT = '[1-9A-HJ-NP-Za-km-z]{10}|leader';

/** More than ever stood in one line, and how each of them is written. */
const MOST_JOINED = 20;
const JOINED = /^[A-Z][\w ,.:()#-]{2,120}$/;

/** Beside the grammar of the registry's files. A line that is in both is the grammar's. */
const LINES: readonly LinePattern[] = [
  line(
    'splats',
    'Generate seed and pick prompts[^;]{0,120}()',
    ['submission-collector'],
    ['state', 'submissions', 'seed', 'prompts'],
  ),
  line('splats', `Update submissions for round ${ROUND}`, ['submission-collector'], ['submissions']),
  line(
    'splats',
    `Update generations for round ${ROUND}(?:, miner (?:${SHORT}))?`,
    ['generation-orchestrator'],
    ['generated'],
  ),
  line('splats', `Update judge progress for round ${ROUND}`, ['judge-service']),
  line(
    'splats',
    `Update state \\([a-z_]+\\) and submissions for round ${ROUND}`,
    ['submission-collector'],
    ['state', 'submissions', 'seed', 'prompts'],
  ),
  line(
    'splats',
    `Update state \\(collecting\\)(?:, schedule)?(?:, leader)? for round ${ROUND}`,
    ['round-manager'],
    ['state', 'schedule', 'leader'],
  ),
  line('splats', `Update state \\(generating\\) for round ${ROUND}`, ['submission-collector'], ['state']),
  line('splats', `Round ${ROUND}: generating`, ['submission-collector'], ['state']),
  line(
    'scripts',
    `Update generated[ _(#a-z]{0,10}\\d{1,3}\\)? for round ${ROUND}, miner (?:${SHORT})`,
    ['generation-orchestrator'],
    ['generated'],
  ),
  line(
    'scripts',
    `Update generated for round ${ROUND}, miner (?:${SHORT})[ ,(#a-z]{1,12}\\d{1,3}\\)?`,
    ['generation-orchestrator'],
    ['generated'],
  ),
  line('scripts', `Update generation reports for round ${ROUND}`, ['generation-orchestrator']),
  line('scripts', `Update audit matrix for round ${ROUND}`, ['judge-service']),
  line('scripts', 'Audit report: \\w{1,10} vs \\w{1,10}()', ['judge-service']),
];

/** What is said once of an era's lines. */
export const OTHER_LINES: Readonly<Record<'splats' | 'scripts', OtherFormat>> = {
  splats: linesOf('splats'),
  scripts: linesOf('scripts'),
};

/** Reads a line of a commit message that is outside the registry's grammar; undefined when no era knew it. */
export function parseOtherLine(text: string): OtherLine | undefined {
  for (const { era, pattern, owners, files } of LINES) {
    const match = pattern.exec(text);
    if (match === null) continue;
    const round = match[1] === undefined || match[1] === '' ? undefined : Number(match[1]);
    return { format: OTHER_LINES[era], owners, files, round };
  }
  return undefined;
}

/**
 * Reads a line in which the first competition put several things, one after another; undefined for one in which nothing is
 * known. What is beside something known is a service's too, and announces nothing.
 */
export function parseJoinedLine(text: string): readonly MessageLine[] | undefined {
  const texts = text.split('; ');
  if (texts.length < 2 || texts.length > MOST_JOINED) return undefined;
  const parts = texts.map((part) => ({
    text: part,
    announcement: announcements.parse(part),
    other: parseOtherLine(part),
  }));
  if (parts.every(({ announcement, other }) => announcement === undefined && other === undefined)) return undefined;
  const beside = { format: OTHER_LINES.splats, owners: SERVICES, files: [], round: undefined };
  return parts.map((part) =>
    part.announcement === undefined && part.other === undefined && JOINED.test(part.text)
      ? { ...part, other: beside }
      : part,
  );
}

function line(
  era: 'splats' | 'scripts',
  pattern: string,
  owners: readonly ServiceName[],
  files: readonly StateFileName[] = [],
): LinePattern {
  // linear: the patterns above are words, numbers and hotkeys with known text between
  return { era, pattern: new RegExp(`^${pattern}$`), owners, files };
}

function linesOf(era: 'splats' | 'scripts'): OtherFormat {
  return {
    id: `${era}-lines`,
    era,
    what: 'lines of commit messages outside the grammar',
    says: 'lines that services wrote for files of that competition: read as to whose they are',
    isRead: true,
  };
}
