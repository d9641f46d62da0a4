import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { importCommits, syntheticHistory, TAMPERINGS } from '@tiltyard/audit-testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandLine, commandLine } from '../support/command-line.js';
import { emptyRemote } from '../support/git.js';

/** Runs git in a folder, as somebody. */
function git(dir: string, ...args: readonly string[]): string {
  const identity = ['-c', 'user.name=x', '-c', 'user.email=x@x.invalid'];
  return execFileSync('git', ['-C', dir, ...identity, ...args], { encoding: 'utf8', stdio: 'pipe' }).trim();
}

/** A repository of one commit in the user's folder. */
function repositoryOf(user: CommandLine, name: string, files: Readonly<Record<string, string>>): void {
  const dir = user.file(name);
  mkdirSync(dir);
  git(dir, 'init', '--quiet', '--initial-branch=main');
  for (const [file, text] of Object.entries(files)) writeFileSync(`${dir}/${file}`, text);
  git(dir, 'add', '.');
  git(dir, 'commit', '--quiet', '--allow-empty', '--message=x');
}

/** Ends of `tiltyard audit`: 0 is a verdict, 1 is one, and 2 says that there is none, and why. */
describe('the exit status of an audit', () => {
  let user: CommandLine;
  let tip: string;
  beforeAll(async () => {
    user = commandLine();
    const clean = user.file('clean');
    ({ tip } = await importCommits(clean, syntheticHistory({ rounds: 2, miners: 4, prompts: 12, carryover: 3 })));
    git(clean, 'config', 'uploadpack.allowFilter', 'true');
    const url = pathToFileURL(clean).href;
    const clone = (...args: readonly string[]) => execFileSync('git', ['clone', '--quiet', ...args], { stdio: 'pipe' });
    clone('--bare', clean, user.file('broken'));
    await TAMPERINGS[0]?.apply(user.file('broken'));
    clone('--bare', '--filter=blob:none', url, user.file('blobless'));
    clone('--bare', '--filter=tree:0', url, user.file('treeless'));
    clone('--bare', '--depth=3', url, user.file('shallow'));
    emptyRemote(user, 'empty');
    repositoryOf(user, 'bare-commit', {});
    repositoryOf(user, 'project', { 'README.md': '# a project\n', 'package.json': '{}\n' });
    repositoryOf(user, 'no-state', { 'config.json': '{}\n', 'prompts.txt': 'text: a chair\n' });
    writeFileSync(user.file('file.txt'), 'text');
  });
  afterAll(() => user[Symbol.dispose]());

  it.each<readonly [0 | 1 | 2, string, readonly string[], RegExp]>([
    [0, 'a whole history', ['clean'], /^No errors and \d+ notes? in 3 rounds \(\d+ commits\)\.\n/],
    [0, 'its table of rules', ['clean', '--rules'], /\n\nRule +checked +error/],
    [0, 'a round of it', ['clean', '--round', '1'], /^No errors.* in round 1\.\nRound 1: won by .*\n\n/],
    [0, 'a rule of it', ['clean', '--rule', 'R10'], /^No errors in 3 rounds .*\(only rule R10 winner\)\.\n/],
    [0, 'a rule by its name', ['clean', '--rule', 'winner'], /^No errors in 3 rounds .*\(only rule R10 winner\)\.\n/],
    [0, 'a story', ['clean', '--explain', '0'], /^Round 0: 4 challengers\./],
    [1, 'a broken history', ['broken'], /^\d+ errors?.* in 3 rounds /],
    [1, 'a tip that is gone', ['clean', '--known-tip', '1'.repeat(40)], /^1 error/],
    [2, 'no repository', ['nowhere'], /nowhere: there is no such file or folder/],
    [2, 'a folder that is none', ['.'], /cannot be read/],
    [2, 'a file that is no bundle', ['file.txt'], /file\.txt cannot be read/],
    [2, 'an empty repository', ['empty'], /there is no commit at main; --branch names another branch/],
    [2, 'a branch that is not there', ['clean', '--branch', 'other'], /there is no commit at other/],
    [2, 'a commit without files', ['bare-commit'], /nothing was checked: .*no competition's/],
    [2, 'a project', ['project'], /nothing was checked: .*no competition's/],
    [2, 'a competition without state', ['no-state'], /nothing was checked: .*no competition's/],
    [2, 'a clone without files', ['blobless'], /blobless cannot be read: it is a partial clone/],
    [2, 'a clone without folders', ['treeless'], /treeless cannot be read: it is a partial clone/],
    [2, 'a shallow clone', ['shallow'], /shallow cannot be read: it is a shallow clone/],
    [2, 'a round that there is not', ['clean', '--round', '7'], /nothing was checked: round 7 is not in this history/],
    [2, 'no story', ['clean', '--explain', '9'], /nothing was checked: round 9 is not in this history/],
    [2, 'a story not begun', ['clean', '--explain', '2'], /round 2 cannot be explained: not begun/],
    [2, 'an unknown commit', ['clean', '--since', 'f'.repeat(40)], /is no commit of this repository/],
    [2, 'nothing since the tip', ['clean', '--since', 'TIP'], /nothing was checked: no commit came after/],
    [2, 'an unknown rule', ['clean', '--rule', 'R99'], /there is no rule R99/],
    [2, 'no rule', ['clean', '--rule', ''], /there is no rule/],
    [2, 'a rule with nothing to look at', ['clean', '--rule', 'A10'], /nothing was checked: rule A10 had nothing/],
    [2, 'a round that is no number', ['clean', '--round', 'one'], /is not a round's number/],
    [2, 'an unknown option', ['clean', '--bogus'], /unknown option/],
    [2, 'a story of a rule', ['clean', '--explain', '0', '--rule', 'R1'], /cannot be used with/],
    [2, 'no repository named', [], /Which state repository/],
  ])('is %i for %s', async (status, _what, args, says) => {
    const line = args.map((arg) => (arg === 'TIP' ? tip : arg));
    // A path of the user's folder, as somebody would give it who stands elsewhere.
    const [repository, ...options] = line;
    const at = repository === undefined ? [] : [user.file(repository), ...options];
    const ended = await user.tiltyard('audit', ...at);
    expect({ status: ended.status, says: status === 2 ? ended.err : ended.out }).toEqual({
      status,
      says: expect.stringMatching(says),
    });
    if (status === 2) expect(ended).toMatchObject({ out: '', err: expect.stringMatching(/^tiltyard: [^\n]+\n$/) });
    const json = await user.tiltyard('audit', ...at, '--json');
    expect({ status: json.status, ok: json.json().ok }).toEqual({ status, ok: status === 0 });
  });
});
