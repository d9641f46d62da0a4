import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gen3d, stateFiles } from '@tiltyard/schema/gen3d';
import { describe, expect, it } from 'vitest';
import { git } from '../../../../test-support/git-cli.js';
import { initRepository } from '../../src/index.js';
import { realRemote } from '../support/real-remote.js';
import { newKey } from '../support/signed-remote.js';
import { firstFiles, state } from '../support/state-files.js';

const ETA = { ...state('duels'), next_stage_eta: '2026-01-01T00:00:00Z' };

describe('a signed ledger', () => {
  it('signs commits so that git itself verifies them against allowed_signers', async () => {
    await using remote = await realRemote();
    const { keyFile, publicKey } = await newKey(remote.scratch, 'judge-key');
    await remote.meddle('allowed_signers', `judge-service ${publicKey}\n`);
    await using ledger = await remote.ledger('judge-service', { signing: { keyFile } });
    const { commit } = await ledger.publish((await ledger.snapshot()).draft().write(stateFiles.state, {}, ETA));
    const signers = path.join(remote.scratch, 'signers');
    await writeFile(signers, await remote.text('allowed_signers'));
    const verify = ['-c', `gpg.ssh.allowedSignersFile=${signers}`, 'log', '-1', '--format=%G? %GS', commit];
    expect(await git(remote.dir, ...verify)).toBe('G judge-service');
    await remote.fsck();
  });

  it('refuses to publish with a key that is not listed for the service, or with none', async () => {
    await using remote = await realRemote();
    const judge = await newKey(remote.scratch, 'judge-key');
    const other = await newKey(remote.scratch, 'other-key');
    const tip = await remote.meddle(
      'allowed_signers',
      `# keys\njudge-service ${judge.publicKey}\nround-manager ${other.publicKey}\n`,
    );
    for (const signing of [undefined, { keyFile: other.keyFile }]) {
      await using ledger = await remote.ledger('judge-service', signing === undefined ? {} : { signing });
      const draft = (await ledger.snapshot()).draft().write(stateFiles.state, {}, ETA);
      await expect(ledger.publish(draft)).rejects.toMatchObject({
        fault: { code: 'not_signer', writer: 'judge-service' },
      });
    }
    expect(await remote.head()).toBe(tip);
  });

  it('signs the first commit, too, and says so when a key cannot be used', async () => {
    await using remote = await realRemote();
    const { keyFile } = await newKey(remote.scratch, 'operator-key');
    const dir = path.join(remote.scratch, 'signed.git');
    await git(remote.scratch, 'init', '-q', '--bare', dir);
    const options = { competition: gen3d, remote: dir, files: firstFiles('finalizing', 0), version: '1' };
    await initRepository({ ...options, signing: { keyFile } });
    expect(await git(dir, 'cat-file', 'commit', 'main')).toMatch(/\ngpgsig -----BEGIN SSH SIGNATURE-----\n /);
    const bad = path.join(remote.scratch, 'bad-key');
    await writeFile(bad, 'no key');
    await expect(remote.ledger('judge-service', { signing: { keyFile: bad } })).rejects.toMatchObject({
      fault: { code: 'bad_option', option: 'signing' },
    });
  });
});
