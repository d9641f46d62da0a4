import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { importCommits } from '@tiltyard/audit-testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuditError, auditRepository } from '../../src/gen3d/index.js';
import { git } from '../support/git.js';
import { scratch, smallHistory } from '../support/history.js';

describe('a clone that lacks a part of its history', () => {
  let folder: Awaited<ReturnType<typeof scratch>>;
  beforeAll(async () => {
    folder = await scratch();
    await importCommits(folder.dir, smallHistory('ours'));
  });
  afterAll(() => folder[Symbol.asyncDispose]());
  const fault = async (work: Promise<unknown>) => {
    const error = await work.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AuditError);
    return (error as AuditError).fault;
  };

  it.each(['blob:none', 'tree:0'])(
    'refuses a partial clone (%s) at once, and asks no remote for the rest',
    async (filter) => {
      await using copy = await scratch();
      const { dir, sprung } = partialClone(folder.dir, copy.dir, filter);
      expect(await fault(auditRepository({ dir }))).toMatchObject({
        code: 'no_repository',
        detail: expect.stringMatching(/^it is a partial clone, .* clone it without --filter$/),
      });
      // Who drops git's own marks from the settings leaves those of the packs.
      git(dir, ['config', '--remove-section', 'remote.origin']);
      expect(await fault(auditRepository({ dir }))).toMatchObject({ code: 'no_repository' });
      expect(existsSync(sprung)).toBe(false);
    },
  );

  it('takes a partial clone to which everything was fetched after all, and runs nothing that its settings name', async () => {
    await using copy = await scratch();
    const { dir, sprung } = partialClone(folder.dir, copy.dir, 'blob:none');
    const all = execFileSync('git', ['-C', folder.dir, 'pack-objects', '--all', '--stdout', '--quiet'], {
      maxBuffer: 2 ** 30,
    });
    git(dir, ['unpack-objects', '-q'], { input: all });
    expect(await auditRepository({ dir })).toMatchObject({ ok: true, rules: { H3: { error: 0, info: 0 } } });
    expect(existsSync(sprung)).toBe(false);
  });

  it('refuses a shallow clone, whose beginning is missing', async () => {
    await using copy = await scratch();
    const dir = path.join(copy.dir, 'state');
    execFileSync('git', ['clone', '--quiet', '--bare', '--depth=3', pathToFileURL(folder.dir).href, dir]);
    expect(await fault(auditRepository({ dir }))).toMatchObject({ code: 'no_repository' });
  });
});

/** A partial clone whose settings name programs that leave a file behind when they are run. */
function partialClone(from: string, at: string, filter: string): { readonly dir: string; readonly sprung: string } {
  const [dir, sprung] = [path.join(at, 'state'), path.join(at, 'sprung')];
  git(from, ['config', 'uploadpack.allowFilter', 'true']);
  execFileSync('git', ['clone', '--quiet', '--bare', `--filter=${filter}`, pathToFileURL(from).href, dir]);
  git(dir, ['config', 'remote.origin.uploadpack', `touch ${sprung}; git-upload-pack`]);
  git(dir, ['config', 'core.fsmonitor', `touch ${sprung}`]);
  return { dir, sprung };
}
