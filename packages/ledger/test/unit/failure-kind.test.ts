import { describe, expect, it } from 'vitest';
import { failureKind } from '../../src/git/failure-kind.js';
import { GitCommandError } from '../../src/git/git-command.js';

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
    ['server', '', "fatal: unable to access 'https://x/': The requested URL returned error: 503"],
    ['server', '', 'error: RPC failed; HTTP 429 curl 22 The requested URL returned error: 429'],
    ['network', '', "fatal: unable to access 'https://x/': Could not resolve host: x"],
    ['network', '', 'fatal: the remote end hung up unexpectedly'],
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
    ['unknown', '', 'fatal: something that git has not said before'],
  ])('is told as %s: %j %j', (kind, stdout, stderr) => {
    expect(failureKind(new GitCommandError('push', 128, stdout, stderr))).toBe(kind);
  });

  it('that we ended ourselves is a timeout, whatever it said', () => {
    expect(failureKind(new GitCommandError('fetch', -1, '', 'fatal: bad object', 'timeout'))).toBe('timeout');
  });
});
