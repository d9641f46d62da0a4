import { GitCommandError } from '@tiltyard/git';
import { describe, expect, it } from 'vitest';
import { failureKind, refusalReason } from '../../src/git/failure-kind.js';

/** What git 2.39 prints, taken from its runs and sources. */
const REFUSED = (why: string) => `To r\n!\taaa:refs/heads/main\t${why}\nDone\n`;

describe('a failed git command', () => {
  it.each([
    ['moved', REFUSED('[rejected] (stale info)'), ''],
    ['moved', REFUSED('[rejected] (fetch first)'), 'hint: Updates were rejected'],
    ['moved', REFUSED('[rejected] (non-fast-forward)'), ''],
    ['moved', REFUSED("[remote rejected] (cannot lock ref 'refs/heads/main': is at b but expected a)"), ''],
    ['moved', REFUSED('[remote rejected] (failed to update ref)'), ''],
    ['moved', '', 'error: RPC failed; HTTP 422 curl 22 The requested URL returned error: 422'],
    ['declined', REFUSED('[remote rejected] (pre-receive hook declined)'), 'remote: no'],
    ['declined', REFUSED('[remote rejected] (protected branch hook declined)'), 'remote: error: GH006'],
    ['server', REFUSED('[remote rejected] (unpacker error)'), 'remote: fatal: write error: No space left on device'],
    ['corrupt', REFUSED('[remote rejected] (unpacker error)'), 'fatal: loose object ab (stored in x) is corrupt'],
    ['credentials', '', "fatal: Authentication failed for 'https://x/'"],
    ['credentials', '', "fatal: could not read Username for 'https://x': terminal prompts disabled"],
    ['credentials', '', "fatal: unable to access 'https://x/': The requested URL returned error: 403"],
    ['credentials', '', 'git@x: Permission denied (publickey).\nfatal: Could not read from remote repository.'],
    ['credentials', '', "fatal: unable to access 'https://x/': Received HTTP code 407 from proxy after CONNECT"],
    ['credentials', '', "fatal: unable to access 'https://x/': CONNECT tunnel failed, response 407"],
    [
      'credentials',
      '',
      'git@x: Permission denied (gssapi-keyex,publickey).\nfatal: Could not read from remote repository.',
    ],
    ['credentials', '', 'Received disconnect from 192.0.2.1 port 22:2: Too many authentication failures'],
    ['server', '', "fatal: unable to access 'https://x/': The requested URL returned error: 503"],
    ['server', '', 'remote: Too many requests, see /billing.\nfatal: x: The requested URL returned error: 429'],
    ['server', '', 'remote: Read-only mode for maintenance.\nfatal: x: The requested URL returned error: 503'],
    [
      'declined',
      '',
      "remote: You can't push code to a read-only GitLab instance.\nfatal: x: The requested URL returned error: 403",
    ],
    ['server', '', 'error: RPC failed; HTTP 429 curl 22 The requested URL returned error: 429'],
    ['network', '', "fatal: unable to access 'https://x/': Could not resolve host: x"],
    ['network', '', 'fatal: the remote end hung up unexpectedly'],
    [
      'network',
      '',
      "fatal: '/mnt/r.git' does not appear to be a git repository\nfatal: Could not read from remote repository.",
    ],
    ['network', '', "fatal: repository '/mnt/r.git' does not exist"],
    ['network', '', 'fatal: unable to connect to 127.0.0.1:\nerrno=Connection refused'],
    ['no_branch', '', "fatal: couldn't find remote ref refs/heads/main"],
    ['no_branch', '', 'fatal: Remote branch main not found in upstream origin'],
    ['locked', '', "error: cannot lock ref 'refs/x': Unable to create '/c/refs/x.lock': File exists."],
    [
      'disk',
      '',
      'error: unable to write file objects/pack: No space left on device\nfatal: fetch-pack: invalid index-pack output',
    ],
    ['corrupt', '', 'error: inflate: data stream error (incorrect data check)'],
    ['corrupt', '', 'fatal: bad object HEAD'],
    ['disk', '', 'error: insufficient permission for adding an object to repository database objects'],
    ['disk', '', "error: cannot lock ref 'refs/x': Unable to create '/c/refs/x.lock': Permission denied"],
    ['unknown', '', 'fatal: something that git has not said before'],
  ])('is told as %s: %j %j', (kind, stdout, stderr) => {
    expect(failureKind(new GitCommandError('push', 128, stdout, stderr))).toBe(kind);
  });

  it('that we ended ourselves is a timeout, whatever it said', () => {
    expect(failureKind(new GitCommandError('fetch', -1, '', 'fatal: bad object', 'timeout'))).toBe('timeout');
  });

  it.each([
    // What hosts say while something of theirs is down.
    ['(failure)', 'remote: fatal error in commit_refs        \nerror: failed to push some refs'],
    ['(pre-receive hook declined)', 'remote: GitLab: Internal API unreachable'],
    ['(pre-receive hook declined)', 'remote: GitLab: Internal API error (502).'],
    ['(pre-receive hook declined)', 'remote: GitLab: Failed to contact Gitaly: rpc error: code = Unavailable'],
    ['(pre-receive hook declined)', 'remote: Gitea: Internal Server Connection Error'],
    ['(pre-receive hook declined)', 'remote: error: cannot fork to run pre-receive hook'],
    ['(pre-receive hook declined)', 'remote: hooks.internal: connection refused'],
    ['(pre-receive hook declined)', 'remote: context deadline exceeded'],
    ['(pre-receive hook declined)', 'remote: 503 Service Unavailable'],
    [
      '(pre-receive hook declined)',
      'remote: The repository is in read-only mode for maintenance. Please try again later.',
    ],
    ['(pre-receive hook declined)', 'remote: Bitbucket is under heavy load and is not able to service your request.'],
    ['(Internal Server Error)', 'remote: Internal Server Error'],
    ['(internal error)', ''],
    ['(a verdict that git has not given before)', 'remote: hm'],
    ['(failed)', ''],
    ["(cannot lock ref 'refs/heads/main': Unable to create 'x.lock': No space left on device)", ''],
  ])('is an outage that passes where the verdict is %s: %j (reported)', (verdict, stderr) => {
    const error = new GitCommandError('push', 1, REFUSED(`[remote rejected] ${verdict}`), stderr);
    expect(failureKind(error)).toBe('server');
    expect(refusalReason(error)).toBeUndefined();
  });

  const CUT = 'fatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights';
  it.each([
    [
      'read_only',
      '',
      "remote: Permission to o/r.git denied to bot.\nfatal: unable to access 'https://github.com/o/r.git/': The requested URL returned error: 403",
    ],
    [
      'read_only',
      '',
      "remote: Write access to repository not granted.\nfatal: unable to access 'https://github.com/o/r/': The requested URL returned error: 403",
    ],
    ['read_only', '', `ERROR: The key you are authenticating with has been marked as read only.\n${CUT}`],
    ['read_only', '', `ERROR: Permission to o/r.git denied to deploy key\n${CUT}`],
    ['read_only', '', `remote: GitLab: This deploy key does not have write access to this project.\n${CUT}`],
    [
      'read_only',
      '',
      "remote: You are not allowed to push code to this project.\nfatal: unable to access 'https://gitlab.com/o/r.git/': The requested URL returned error: 403",
    ],
    ['read_only', '', 'Gitea: Unauthorized\nfatal: User: 2:bot with Key: 3:ci is not authorized to write to o/r.'],
    [
      'read_only',
      '[remote rejected] (unpacker error)',
      'remote: error: insufficient permission for adding an object to repository database ./objects',
    ],
    [
      'archived',
      '',
      "remote: This repository was archived so it is read-only.\nfatal: unable to access 'https://github.com/o/r/': The requested URL returned error: 403",
    ],
    ['archived', '', `ERROR: This repository was archived so it is read-only.\n${CUT}`],
    [
      'archived',
      '',
      "remote: mirror or archived: repository is archived\nfatal: unable to access 'https://gitea.example/o/r/': The requested URL returned error: 403",
    ],
    [
      'protected',
      '[remote rejected] (protected branch hook declined)',
      'remote: error: GH006: Protected branch update failed for refs/heads/main.',
    ],
    [
      'protected',
      '[remote rejected] (push declined due to repository rule violations)',
      'remote: error: GH013: Repository rule violations found for refs/heads/main.',
    ],
    [
      'protected',
      '[remote rejected] (pre-receive hook declined)',
      'remote: GitLab: You are not allowed to push code to protected branches on this project.',
    ],
    [
      'protected',
      '[remote rejected] (pre-receive hook declined)',
      'remote: Gitea: Not allowed to push to protected branch main',
    ],
    [
      'protected',
      '[remote rejected] (pre-receive hook declined)',
      'remote: Branch refs/heads/main can only be modified through pull requests.',
    ],
    ['gone', '', "remote: Repository not found.\nfatal: repository 'https://github.com/o/r.git/' not found"],
    ['gone', '', `ERROR: Repository not found.\n${CUT}`],
    [
      'gone',
      '',
      `remote: GitLab: The project you were looking for could not be found or you don't have permission to view it.\n${CUT}`,
    ],
    ['gone', '', 'fatal: remote error: access denied or repository not exported: /r.git'],
    ['gone', '', "fatal: unable to access 'https://x/': The requested URL returned error: 410"],
    [
      'too_big',
      '',
      'error: RPC failed; HTTP 413 curl 22 The requested URL returned error: 413\nfatal: the remote end hung up unexpectedly',
    ],
    [
      'too_big',
      '[remote rejected] (pre-receive hook declined)',
      "remote: error: GH001: Large files detected.\nremote: error: File x is 123.00 MB; this exceeds GitHub's file size limit of 100.00 MB",
    ],
    [
      'too_big',
      '',
      'remote: fatal: pack exceeds maximum allowed size (2.00 GiB)\nerror: remote unpack failed: index-pack abnormal exit',
    ],
    [
      'blocked',
      '',
      "remote: Your account is suspended. Please visit https://support.github.com for more information.\nfatal: unable to access 'https://github.com/o/r/': The requested URL returned error: 403",
    ],
    ['blocked', '', `remote: GitLab: Your account has been blocked.\n${CUT}`],
    ['declined', '[remote rejected] (pre-receive hook declined)', 'remote: commits must name a ticket'],
    ['declined', '[remote rejected] (pre-receive hook declined)', ''],
    ['declined', '[remote rejected] (deletion prohibited)', ''],
  ])('is a refusal that stays, because of %s: %s %j (reported)', (reason, verdict, stderr) => {
    const stdout = verdict === '' ? '' : REFUSED(verdict);
    const error = new GitCommandError('push', 128, stdout, stderr);
    expect([failureKind(error), refusalReason(error)]).toEqual(['declined', reason]);
  });

  it.each([
    [
      'credentials',
      "remote: Invalid username or token. Password authentication is not supported for Git operations.\nfatal: Authentication failed for 'https://github.com/o/r/'",
    ],
    [
      'credentials',
      'remote: HTTP Basic: Access denied. If a token was provided, it was either incorrect, expired, or improperly scoped.\nfatal: Authentication failed',
    ],
    [
      'server',
      "remote: You have exceeded a secondary rate limit.\nfatal: unable to access 'https://github.com/o/r/': The requested URL returned error: 403",
    ],
    ['server', 'fatal: remote error: upload-pack: service temporarily unavailable'],
    ['server', `ERROR: Service temporarily unavailable, try again later\n${CUT}`],
    ['network', `kex_exchange_identification: Connection closed by remote host\n${CUT}`],
  ])('is %s where the remote says %j (reported)', (kind, stderr) => {
    expect(failureKind(new GitCommandError('fetch', 128, '', stderr))).toBe(kind);
  });

  it('is read in linear time, however long its lines are', () => {
    for (const part of [
      'packfile ',
      "Unable to create '",
      "repository '",
      'cannot lock ref ',
      'push ',
      'Remote branch a ',
    ]) {
      const told = `remote: ${part.repeat(10_000)}\n${part.repeat(10_000)}`;
      expect(failureKind(new GitCommandError('push', 1, REFUSED(part.repeat(10_000)), told))).toBeDefined();
    }
  });
});
