import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DemoFolder, makeDemoFolder } from '../../src/gen3d/demo/demo-folder.js';
import { takeDown } from '../../src/gen3d/demo/take-down.js';
import { makeLayout, type NetworkLayout } from '../../src/network/layout.js';

const git = (...words: readonly string[]) =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...words], { encoding: 'utf8' });

describe('taking a network down', () => {
  let directory: string;
  let folder: DemoFolder;
  let layout: NetworkLayout;

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'tiltyard take down '));
    folder = await makeDemoFolder(directory, new Date());
    layout = await makeLayout(folder.root);
    git('init', '--quiet', '--bare', '--initial-branch=main', layout.repository);
    const tree = git('-C', layout.repository, 'mktree', '--missing').trim();
    const commit = git('-C', layout.repository, 'commit-tree', '-m', 'Start competition local', tree).trim();
    git('-C', layout.repository, 'update-ref', 'refs/heads/main', commit);
    await writeFile(path.join(layout.objects, 'heavy'), 'much');
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('keeps the repository and the logs, and nothing else', async () => {
    await takeDown(undefined, folder, false, () => {});
    expect((await readdir(folder.root)).sort()).toEqual(['logs', 'state']);
    expect(git('-C', folder.repository, 'log', '--format=%s').trim()).toBe('Start competition local');
    expect(git('-C', folder.repository, 'config', 'gpg.ssh.allowedSignersFile').trim()).toBe(
      path.join(folder.repository, 'allowed_signers'),
    );
  });

  it('keeps everything when that is wanted', async () => {
    await takeDown(undefined, folder, true, () => {});
    expect(await readdir(folder.root)).toEqual(expect.arrayContaining(['logs', 'objects', 'remote', 'state']));
  });

  it('never removes the only copy of a repository that it cannot clone, and makes room before it tries', async () => {
    await writeFile(folder.repository, 'in the way');
    await expect(takeDown(undefined, folder, false, () => {})).rejects.toMatchObject({
      fault: { code: 'unusable', detail: expect.stringContaining(layout.repository) },
    });
    expect(existsSync(path.join(layout.repository, 'refs/heads/main'))).toBe(true);
    expect(existsSync(layout.objects)).toBe(false);
  });
});
