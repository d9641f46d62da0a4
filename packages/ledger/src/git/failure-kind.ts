import type { CommandEnd, GitCommandError } from '@tiltyard/git';
import { OUTAGES, REFUSALS, REMEDIES, type ReasonTable, type RefusalReason } from './remote-reasons.js';

/**
 * What a failed git command means for its caller:
 *
 * - `moved`: the branch is not where we believed; fetch and try again
 * - `declined`: the remote refuses until a person acts: {@link refusalReason} says why
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

type Table = ReasonTable<Exclude<FailureKind, 'declined'>>;

/** A remote's disk that is full or broken shows in the same words as a lost race. */
const BROKEN_REMOTE: Table = [
  [/cannot lock ref.{0,500}(No space left|Read-only file system|quota exceeded|Input\/output error)/i, 'server'],
];

/** The branch is elsewhere. "cannot lock ref" is how a lost race often shows, and passes where it is a lock. */
const MOVED: Table = [
  [/cannot lock ref|failed to update ref|incorrect old value|reference already exists/i, 'moved'],
  [/stale info|non-fast-forward|fetch first|needs force|but expected/i, 'moved'],
  [/requested URL returned error: (409|412|422)/i, 'moved'],
];

/** Statuses of a host that is down or has too much to do, whatever its page speaks of. */
const BUSY: Table = [[/requested URL returned error: (5\d\d|429|408)|RPC failed; HTTP (5\d\d|429|408)/i, 'server']];

/** Answers that the remote gives before it comes to any ref. */
const ANSWERS: Table = [
  [/requested URL returned error: (401|403|407)|Authentication failed/i, 'credentials'],
  [/HTTP code 407 from proxy|CONNECT tunnel failed, response 407|Too many authentication failures/i, 'credentials'],
  [/could not read (Username|Password)|terminal prompts disabled/i, 'credentials'],
  [/Permission denied \([\w-]{1,40}[,)]|Host key verification failed/i, 'credentials'],
];

/** No answer, or half of one. */
const SILENCE: Table = [
  [/unexpected disconnect|early EOF|hung up unexpectedly|RPC failed|bad (line length|band)|protocol error/i, 'network'],
  [/Could not resolve|unable to connect|Connection (refused|reset|timed out|closed)|unable to access/i, 'network'],
  // A path without a repository may be a disk that is not mounted.
  [/does not appear to be a git repository|repository '[^']+' does not exist/i, 'network'],
  [/Could not read from remote|Network is unreachable/i, 'network'],
  [/Operation (timed out|too slow)|Failed to connect|transfer closed|SSL|remote error|Broken pipe/i, 'network'],
];

/** What says itself plainly, whatever else is printed around it. */
const PLAIN: Table = [
  [/couldn't find remote ref|not found in upstream/i, 'no_branch'],
  [/\.lock': File exists/i, 'locked'],
  [/insufficient permission for adding an object|: Permission denied$/im, 'disk'],
];

/** Trouble in our own clone. */
const LOCAL: Table = [
  [/is corrupt|object corrupt|corrupt(ed)? (loose|object|pack)|hash mismatch|bad object|inflate/i, 'corrupt'],
  [
    /unable to (read|parse) (tree|object|commit|sha1)|missing (blob|tree|commit)|\.pack (is )?(cannot|invalid)/i,
    'corrupt',
  ],
  [/[0-9a-f]{8} is empty|does not point to a valid object|invalid sha1 pointer/i, 'corrupt'],
  [/not a git repository|bad (config|index|signature)/i, 'corrupt'],
  [/No space left on device|Input\/output error|Read-only file system|Disk quota exceeded|write failure/i, 'disk'],
];

type Found = Exclude<FailureKind, 'declined'> | RefusalReason;

/** What we ended ourselves: whatever it said meanwhile. */
const ENDED: Readonly<Partial<Record<string, FailureKind>> & Record<CommandEnd, Found>> = {
  timeout: 'timeout',
  too_much_output: 'server',
  too_much_transferred: 'server',
  disk_full: 'disk',
};

/**
 * Classifies a failed git command by what it printed. Git has no codes for these, so its English words are read (its
 * processes run with LC_ALL=C); what the tests could not provoke is listed from git's sources.
 */
export function failureKind(error: GitCommandError): FailureKind {
  const found = classify(error);
  return isReason(found) ? 'declined' : found;
}

/** Why the remote refuses, where it does; else undefined. */
export function refusalReason(error: GitCommandError): RefusalReason | undefined {
  const found = classify(error);
  return isReason(found) ? found : undefined;
}

function isReason(found: Found): found is RefusalReason {
  return found in REMEDIES;
}

function classify({ ended, stdout, stderr }: GitCommandError): Found {
  const own = ended === undefined ? undefined : ENDED[ended];
  if (own !== undefined) return own;
  // A push's verdict on a ref is in its porcelain lines: `!<TAB>src:dst<TAB>[rejected] (why)`.
  const refused = linesOf(stdout, (line) => line.startsWith('!'));
  // What the remote side says comes with a prefix; it is not about our own clone.
  const local = linesOf(stderr, (line) => !line.startsWith('remote:'));
  if (refused !== '') return refusalKind(refused, stderr, local);
  return (
    firstMatch(PLAIN, local) ??
    firstMatch(MOVED, stderr) ??
    firstMatch(BUSY, stderr) ??
    firstMatch(REFUSALS, stderr) ??
    remoteOutage(stderr) ??
    firstMatch(ANSWERS, stderr) ??
    firstMatch(LOCAL, local) ??
    firstMatch(SILENCE, stderr) ??
    'unknown'
  );
}

/**
 * Why a push was refused. A host says "hook declined" for its policy and also when one of its services is down: its words
 * decide. An unknown verdict may pass: it is tried again for a while, and then reported in the remote's words.
 */
function refusalKind(refused: string, stderr: string, local: string): Found {
  // A pack that our own damage cut short is refused, too.
  if (/unpack/.test(refused) && firstMatch(LOCAL, local) === 'corrupt') return 'corrupt';
  const all = `${refused}\n${stderr}`;
  const known =
    firstMatch(BROKEN_REMOTE, all) ?? firstMatch(MOVED, all) ?? firstMatch(REFUSALS, all) ?? remoteOutage(stderr);
  if (known !== undefined) return known;
  return /declined|den(y|ied)|prohibited|not allowed|refus/i.test(refused) ? 'declined' : 'server';
}

/** Whether the remote's own words tell of an outage of its own. */
function remoteOutage(stderr: string): 'server' | undefined {
  return firstMatch(
    OUTAGES,
    linesOf(stderr, (line) => /^(remote|ERROR|fatal: remote error):/.test(line)),
  );
}

function linesOf(text: string, wanted: (line: string) => boolean): string {
  return text.split('\n').filter(wanted).join('\n');
}

function firstMatch<Kind>(table: ReasonTable<Kind>, text: string): Kind | undefined {
  return table.find(([pattern]) => pattern.test(text))?.[1];
}
