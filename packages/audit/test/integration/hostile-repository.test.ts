import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { importCommits } from '@tiltyard/audit-testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuditError, auditRepository } from '../../src/gen3d/index.js';
import { addCommit, git } from '../support/git.js';
import { scratch, smallHistory } from '../support/history.js';

/** What the ones who serve a repository, or hand one over, may do to whoever audits it. */
describe('a hostile repository', () => {
  let folder: Awaited<ReturnType<typeof scratch>>;
  let tip = '';
  beforeAll(async () => {
    folder = await scratch();
    ({ tip } = await importCommits(folder.dir, smallHistory('ours')));
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  const copyOf = async () => {
    const copy = await scratch();
    const dir = path.join(copy.dir, 'state.git');
    execFileSync('git', ['clone', '--quiet', '--bare', '--no-local', folder.dir, dir]);
    return { dir, [Symbol.asyncDispose]: () => copy[Symbol.asyncDispose]() };
  };
  const fault = async (work: Promise<unknown>) => {
    const error = await work.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(AuditError);
    return (error as AuditError).fault;
  };
  const steal = (dir: string) => {
    const leaders = JSON.parse(git(dir, ['show', 'refs/heads/main:leader.json'])) as object[];
    return addCommit(dir, 'tidy up\n', { 'leader.json': JSON.stringify(leaders.slice(1)) });
  };

  it.each(['uploadpack', 'ssh'])('runs no program as the auditor to fetch what it lacks (%s)', async (way) => {
    await using trap = await scratch();
    const dir = path.join(trap.dir, 'state');
    const sprung = path.join(trap.dir, 'sprung');
    mkdirSync(dir);
    git(dir, ['init', '--quiet', '--initial-branch=main']);
    git(dir, ['commit', '--quiet', '--allow-empty', '--message=x']);
    const id = git(dir, ['rev-parse', 'HEAD']).trim();
    rmSync(path.join(dir, '.git/objects', id.slice(0, 2), id.slice(2)));
    const settings = {
      'core.repositoryformatversion': '1',
      'extensions.partialClone': 'origin',
      'remote.origin.promisor': 'true',
      ...(way === 'ssh'
        ? { 'remote.origin.url': 'ssh://host/x', 'core.sshCommand': `touch ${sprung}; false` }
        : { 'remote.origin.url': 'file:///nowhere', 'remote.origin.uploadpack': `touch ${sprung}; false` }),
    };
    for (const [name, value] of Object.entries(settings)) git(dir, ['config', name, value]);
    expect(await fault(auditRepository({ dir }))).toMatchObject({ code: 'no_history' });
    for (const remote of [dir, pathToFileURL(dir).href]) {
      expect(['no_repository', 'no_history']).toContain((await fault(auditRepository({ remote }))).code);
    }
    expect(existsSync(sprung)).toBe(false);
  });

  it('chooses not what is audited by a tag of the name of the branch', async () => {
    await using copy = await copyOf();
    git(copy.dir, ['tag', 'main', tip]);
    const stolen = steal(copy.dir);
    expect(await auditRepository({ dir: copy.dir, ref: 'main' })).toMatchObject({ ok: false, tip: stolen });
    const before = await auditRepository({ dir: copy.dir, ref: 'main~1' });
    expect(before).toMatchObject({ ok: true, tip });
    const clone = path.join(path.dirname(copy.dir), 'clone');
    execFileSync('git', ['clone', '--quiet', copy.dir, clone]);
    git(clone, ['checkout', '--quiet', '--detach']);
    git(clone, ['branch', '--quiet', '--delete', '--force', 'main']);
    expect(await auditRepository({ dir: clone, ref: 'main' })).toMatchObject({ ok: false, tip: stolen });
    expect(await auditRepository({ remote: copy.dir, branch: 'main' })).toMatchObject({ ok: false, tip: stolen });
  });

  it('passes no branch off as the beginning of an id', async () => {
    await using copy = await copyOf();
    const stolen = steal(copy.dir);
    const seen = stolen.startsWith('abcd1234') ? 'abcd1235' : 'abcd1234';
    git(copy.dir, ['branch', seen, 'refs/heads/main']);
    git(copy.dir, ['symbolic-ref', 'HEAD', `refs/heads/${seen}`]);
    const remote = pathToFileURL(copy.dir).href;
    expect(await fault(auditRepository({ remote, since: seen }))).toMatchObject({ option: 'since' });
    expect((await auditRepository({ remote, since: tip.slice(0, 8) })).ok).toBe(false);
  });

  it('hands out no half of its history: a remote that is shallow is refused', async () => {
    await using copy = await copyOf();
    const dir = path.join(path.dirname(copy.dir), 'shallow');
    execFileSync('git', ['clone', '--quiet', '--bare', '--depth=3', pathToFileURL(folder.dir).href, dir]);
    for (const remote of [dir, pathToFileURL(dir).href]) {
      expect(await fault(auditRepository({ remote }))).toMatchObject({ code: 'no_repository' });
    }
  });

  it('that lacks a commit is reported in git’s own words, with no hint of git before them', async () => {
    await using own = await scratch();
    git(own.dir, ['init', '--quiet', '--initial-branch=main']);
    for (const message of ['x', 'y']) git(own.dir, ['commit', '--quiet', '--allow-empty', `--message=${message}`]);
    const first = git(own.dir, ['rev-parse', 'HEAD~1']).trim();
    rmSync(path.join(own.dir, '.git/objects', first.slice(0, 2), first.slice(2)));
    const { detail } = (await fault(auditRepository({ dir: own.dir }))) as { detail: string };
    expect(detail).toContain(first);
    expect(detail).not.toContain('hint');
  });
});
