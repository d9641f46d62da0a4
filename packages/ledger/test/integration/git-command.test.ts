import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { GitCommandError, gitEnvironment, requireGit, runGit } from '@tiltyard/git';
import { gen3d } from '@tiltyard/schema/gen3d';
import { describe, expect, it, vi } from 'vitest';
import { scratchDir } from '../../../../test-support/scratch-dir.js';
import { initRepository, openLedger } from '../../src/index.js';
import { firstFiles } from '../support/state-files.js';

/** A folder with a `git` of its own, which is this shell script. */
async function otherGit(script: string) {
  const scratch = await scratchDir();
  await writeFile(path.join(scratch.path, 'git'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const ambient = { ...process.env, PATH: `${scratch.path}:${process.env.PATH}` };
  return { ...scratch, ambient, env: gitEnvironment(ambient) };
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('a git that prints a lot and fails', () => {
  it('is quoted by the beginning and the end of what it printed', async () => {
    await using git = await otherGit('echo FIRST; head -c 2000000 /dev/zero | tr "\\0" x; echo LAST; exit 1');
    const failure = await runGit(['fetch'], { dir: git.path, env: git.env, timeoutMs: 60_000 }).catch((error) => error);
    expect(failure).toBeInstanceOf(GitCommandError);
    expect(failure.stdout).toMatch(/^FIRST\nx+\n…\nx+LAST\n$/);
    expect(failure.stdout.length).toBeLessThan(200_000);
  });
});

describe('a git that ignores being told to go', () => {
  const STUBBORN = `trap '' INT; echo $$ > "pid-$1"; exec sleep 60`;
  const pidIn = async (dir: string, command: string) =>
    Number(await readFile(path.join(dir, `pid-${command}`), 'utf8'));

  it('is killed when its time is over', async () => {
    await using git = await otherGit(STUBBORN);
    const options = { dir: git.path, env: git.env, timeoutMs: 1_500, graceMs: 200 };
    const failure = await runGit(['fetch'], options).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(GitCommandError);
    expect(failure).toMatchObject({ command: 'fetch', ended: 'timeout' });
    expect(isRunning(await pidIn(git.path, 'fetch'))).toBe(false);
  });

  it('is killed when its caller aborts, long before its time is over, and no other one is', async () => {
    await using git = await otherGit(STUBBORN);
    const [one, other] = [new AbortController(), new AbortController()];
    const options = { dir: git.path, env: git.env, timeoutMs: 60_000, graceMs: 200 };
    const kept = runGit(['fetch'], { ...options, signal: other.signal });
    const runs = ['push', 'log'].map((command) => runGit([command], { ...options, signal: one.signal }));
    const pids = await vi.waitFor(async () => {
      const all = await Promise.all(['fetch', 'push', 'log'].map((name) => pidIn(git.path, name)));
      expect(all.every((pid) => pid > 0)).toBe(true);
      return all;
    }, 20_000);
    one.abort(new Error('stopping'));
    const outcomes = await Promise.allSettled(runs);
    expect(outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason.message)).toEqual([
      'stopping',
      'stopping',
    ]);
    expect(pids.map(isRunning)).toEqual([true, false, false]);
    other.abort(new Error('stopping'));
    await expect(kept).rejects.toThrow('stopping');
    expect(pids.map(isRunning)).toEqual([false, false, false]);
  });
});

describe("this machine's git", () => {
  it.each([
    'git version 2.31.0',
    'git version 2.39.5 (Apple Git-154)',
    'git version 2.50.GIT',
    'git version 3.0.0-rc1',
  ])('is taken when it is %s', async (version) => {
    await using git = await otherGit(`echo '${version}'`);
    await requireGit(git.env, 10_000);
  });

  it.each(['git version 2.30.9', 'git version 1.99.1', 'something else'])('is refused when it is %s', async (found) => {
    await using git = await otherGit(`echo '${found}'`);
    await expect(requireGit(git.env, 10_000)).rejects.toMatchObject({
      fault: { code: 'old_git', found, needed: '2.31' },
    });
  });

  it('is looked at before anything is made with it', async () => {
    await using git = await otherGit('echo git version 2.20.1');
    const remote = path.join(git.path, 'remote.git');
    const fault = { code: 'old_git', found: 'git version 2.20.1' };
    const dir = path.join(git.path, 'clone');
    await expect(openLedger({ competition: gen3d, remote, dir, version: '1', env: git.ambient })).rejects.toMatchObject(
      { fault },
    );
    const files = firstFiles('finalizing', 0);
    await expect(
      initRepository({ competition: gen3d, remote, files, version: '1', env: git.ambient }),
    ).rejects.toMatchObject({ fault });
    const nowhere = { ...git.ambient, PATH: git.path + path.delimiter };
    await writeFile(path.join(git.path, 'git'), 'no program', { mode: 0o644 });
    await expect(openLedger({ competition: gen3d, remote, dir, version: '1', env: nowhere })).rejects.toMatchObject({
      fault: { code: 'old_git', found: expect.stringContaining('none that runs') },
    });
  });
});
