import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { gitTokenFrom } from '../../src/git/git-token.js';

describe('the git token', () => {
  it('comes from the file when the variable is there and empty, as in an env file that is half filled in', async () => {
    const dir = await mkdtemp(path.join(tmpdir(), 'git-token-'));
    const file = path.join(dir, 'token');
    await writeFile(file, 'hunter2\n');
    const token = gitTokenFrom({ TILTYARD_GIT_TOKEN: '', TILTYARD_GIT_TOKEN_FILE: file });
    expect((await token())?.reveal()).toBe('hunter2');
    await rm(dir, { recursive: true });
  });

  it('is none when both variables are empty', async () => {
    expect(await gitTokenFrom({ TILTYARD_GIT_TOKEN: ' ', TILTYARD_GIT_TOKEN_FILE: '' })()).toBeUndefined();
  });
});
