import type { CommandEnd, GitCommandError } from './git-command.js';

/**
 * What a failed git command means for its caller:
 *
 * - `moved`: the branch is not where we believed; fetch and try again
 * - `declined`: the remote will not take this push, however often
 * - `network`, `server`, `credentials`, `timeout`: the remote cannot be used now
 * - `no_branch`: the remote has no such branch
 * - `locked`: a lock file is in the way in our own clone
 * - `disk`: our own disk refuses
 * - `corrupt`: our own clone is damaged
 */
export type FailureKind =
  | 'moved'
  | 'declined'
  | 'network'
  | 'server'
  | 'credentials'
  | 'timeout'
  | 'no_branch'
  | 'locked'
  | 'disk'
  | 'corrupt'
  | 'unknown';

type Table = readonly (readonly [RegExp, FailureKind])[];

/** The branch is elsewhere. "cannot lock ref" is how a lost race often shows, and passes where it is a lock. */
const MOVED: Table = [
  [/cannot lock ref|failed to update ref|incorrect old value|reference already exists/i, 'moved'],
  [/stale info|non-fast-forward|fetch first|needs force|is at [0-9a-f]{40} but/i, 'moved'],
  [/requested URL returned error: (409|412|422)/i, 'moved'],
];

/** Why a remote does not take a push although it understood it. */
const REFUSALS: Table = [
  ...MOVED,
  [/unpacker error|remote unpack failed|unable to migrate objects|internal server error/i, 'server'],
  [/hook declined|protected branch|deny(ing)? (updating|deleting|non)|prohibited|GH0\d\d|shallow update/i, 'declined'],
];

/** Answers that the remote gives before it comes to any ref. */
const ANSWERS: Table = [
  [/requested URL returned error: (401|403|407)|Authentication failed/i, 'credentials'],
  [/could not read (Username|Password)|terminal prompts disabled/i, 'credentials'],
  [/Permission denied \((publickey|password)|Host key verification failed/i, 'credentials'],
  [/requested URL returned error: (5\d\d|429|408)|RPC failed; HTTP (5\d\d|429|408)/i, 'server'],
];

/** No answer, or half of one. */
const SILENCE: Table = [
  [/unexpected disconnect|early EOF|hung up unexpectedly|RPC failed|bad (line length|band)|protocol error/i, 'network'],
  [/Could not resolve|unable to connect|Connection (refused|reset|timed out|closed)|unable to access/i, 'network'],
  [/Could not read from remote|does not appear to be a git repository|Network is unreachable/i, 'network'],
  [/Operation (timed out|too slow)|Failed to connect|transfer closed|SSL|remote error|Broken pipe/i, 'network'],
];

/** What says itself plainly, whatever else is printed around it. */
const PLAIN: Table = [
  [/couldn't find remote ref|Remote branch .* not found in upstream/i, 'no_branch'],
  [/Unable to create '.*\.lock': File exists/i, 'locked'],
];

/** Trouble in our own clone. */
const LOCAL: Table = [
  [/is corrupt|object corrupt|corrupt(ed)? (loose|object|pack)|hash mismatch|bad object|inflate/i, 'corrupt'],
  [
    /unable to (read|parse) (tree|object|commit|sha1)|missing (blob|tree|commit)|packfile .* (cannot|invalid)/i,
    'corrupt',
  ],
  [/object file .* is empty|does not point to a valid object|invalid sha1 pointer/i, 'corrupt'],
  [/not a git repository|bad (config|index|signature)/i, 'corrupt'],
  [/No space left on device|Input\/output error|Read-only file system|Disk quota exceeded|write failure/i, 'disk'],
];

/** What we ended ourselves: whatever it said meanwhile. */
const ENDED: Readonly<Record<CommandEnd, FailureKind>> = {
  timeout: 'timeout',
  too_much_output: 'server',
  too_much_transferred: 'server',
  disk_full: 'disk',
};

/**
 * Classifies a failed git command by what it printed. Git has no codes for these, so its English words are read (its
 * processes run with LC_ALL=C); what the tests could not provoke is listed from git's sources.
 */
export function failureKind({ ended, stdout, stderr }: GitCommandError): FailureKind {
  if (ended !== undefined) return ENDED[ended];
  // A push's verdict on a ref stands in its porcelain lines: `!<TAB>src:dst<TAB>[rejected] (why)`.
  const refused = linesOf(stdout, (line) => line.startsWith('!'));
  // What the remote side says comes with a prefix; it is not about our own clone.
  const local = linesOf(stderr, (line) => !line.startsWith('remote:'));
  if (refused !== '') {
    // A pack that our own damage cut short is refused, too.
    if (/unpack/.test(refused) && firstMatch(LOCAL, local) === 'corrupt') return 'corrupt';
    return firstMatch(REFUSALS, `${refused}\n${stderr}`) ?? 'declined';
  }
  return (
    firstMatch(PLAIN, local) ??
    firstMatch(MOVED, stderr) ??
    firstMatch(ANSWERS, stderr) ??
    firstMatch(LOCAL, local) ??
    firstMatch(SILENCE, stderr) ??
    'unknown'
  );
}

function linesOf(text: string, wanted: (line: string) => boolean): string {
  return text.split('\n').filter(wanted).join('\n');
}

function firstMatch(table: Table, text: string): FailureKind | undefined {
  return table.find(([pattern]) => pattern.test(text))?.[1];
}
