import type { GitCommandError } from './git-command.js';

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

/** What git prints about the remote's answer, in the order in which it is looked for. */
const REMOTE_ANSWERS: readonly (readonly [RegExp, FailureKind])[] = [
  // The remote's own trouble with its lock files or disk passes; "cannot lock ref" is how a lost race often shows.
  [
    /cannot lock ref|failed to update ref|incorrect old value|reference already exists|is at [0-9a-f]{40} but/i,
    'moved',
  ],
  [/stale info|non-fast-forward|fetch first|needs force|tip of your current branch is behind/i, 'moved'],
  [/requested URL returned error: (409|412|422)|\b422\b.*unprocessable/i, 'moved'],
  [
    /unpacker error|remote unpack failed|unable to migrate objects|No space left.*remote|internal server error/i,
    'server',
  ],
  [/hook declined|protected branch|deny(ing)? (updating|deleting|non)|prohibited|GH0\d\d|shallow update/i, 'declined'],
];

const FAILURES: readonly (readonly [RegExp, FailureKind])[] = [
  [
    /requested URL returned error: (401|403|407)|Authentication failed|could not read (Username|Password)/i,
    'credentials',
  ],
  [/Permission denied \((publickey|password)|Host key verification failed|terminal prompts disabled/i, 'credentials'],
  [/requested URL returned error: (5\d\d|429|408)|RPC failed; HTTP (5\d\d|429|408)/i, 'server'],
  [/unexpected disconnect|early EOF|hung up unexpectedly|RPC failed|bad (line length|band)|protocol error/i, 'network'],
  [/Could not resolve|unable to connect|Connection (refused|reset|timed out|closed)|unable to access/i, 'network'],
  [
    /Could not read from remote|does not appear to be a git repository|Network is unreachable|transfer closed/i,
    'network',
  ],
  [/Operation (timed out|too slow)|Failed to connect|SSL|remote error|not found|write error: Broken pipe/i, 'network'],
];

const PLAIN_FAILURES: readonly (readonly [RegExp, FailureKind])[] = [
  [/couldn't find remote ref|Remote branch .* not found in upstream/i, 'no_branch'],
  [/Unable to create '.*\.lock': File exists/i, 'locked'],
];

const LOCAL_FAILURES: readonly (readonly [RegExp, FailureKind])[] = [
  [
    /is corrupt|object corrupt|corrupt(ed)? (loose|object|pack)|hash mismatch|bad object|inflate|packfile .* (cannot|invalid)/i,
    'corrupt',
  ],
  [/unable to (read|parse) (tree|object|commit|sha1)|missing (blob|tree|commit)|object file .* is empty/i, 'corrupt'],
  [
    /not a git repository|bad (config|index|signature)|does not point to a valid object|invalid sha1 pointer/i,
    'corrupt',
  ],
  [/No space left on device|Input\/output error|Read-only file system|Disk quota exceeded|write failure/i, 'disk'],
];

/**
 * Classifies a failed git command by what it printed. Git has no codes for these, so its English words are read (its
 * processes run with LC_ALL=C); what the tests could not provoke is listed from git's sources.
 */
export function failureKind(error: GitCommandError): FailureKind {
  if (error.ended === 'timeout') return 'timeout';
  const { stdout, stderr } = error;
  // A push's verdict on a ref stands in its porcelain lines: `!<TAB>src:dst<TAB>[rejected] (why)`.
  const refused = stdout
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .join('\n');
  // What the remote side says comes with a prefix; it is not about our own clone.
  const local = stderr
    .split('\n')
    .filter((line) => !line.startsWith('remote:'))
    .join('\n');
  // A pack that our own damage cut short is refused, too.
  if (refused !== '') {
    if (/unpack/.test(refused) && firstMatch(LOCAL_FAILURES, local) === 'corrupt') return 'corrupt';
    return firstMatch(REMOTE_ANSWERS, `${refused}\n${stderr}`) ?? 'declined';
  }
  return (
    firstMatch(PLAIN_FAILURES, refused === '' ? local : '') ??
    firstMatch(REMOTE_ANSWERS.slice(0, 3), stderr) ??
    firstMatch(FAILURES.slice(0, 3), stderr) ??
    firstMatch(LOCAL_FAILURES, local) ??
    firstMatch(FAILURES, stderr) ??
    'unknown'
  );
}

function firstMatch(table: readonly (readonly [RegExp, FailureKind])[], text: string): FailureKind | undefined {
  return table.find(([pattern]) => pattern.test(text))?.[1];
}
