import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gen3d, stateFiles } from '@tiltyard/schema/gen3d';
import { describe, expect, it } from 'vitest';
import { git } from '../../../../test-support/git-cli.js';
import { sharedData } from '../../../../test-support/shared-data.js';
import { LedgerError, type LedgerFault, openLedger } from '../../src/index.js';
import { hostileHand } from '../support/hostile-remote.js';
import { realRemote } from '../support/real-remote.js';

const script = sharedData('reported/security/author-commit.py');

/** Whether a clone was moved aside, which is only right for damage of our own. */
async function quarantines(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).filter((name) => name.includes('quarantine'));
}

describe('what a hostile hand pushes', () => {
  it.each([
    ['a message of 20 MB', { message: Buffer.alloc(20_000_000, 'spam\n') }, 'bytes, at most 1048576 are read'],
    ['a message of 100,000 lines', { message: 'a\n'.repeat(100_000) }, 'of the message only 20000 lines are read'],
    // A search that goes back at every bracket would take hours over it.
    ['an author line of 900 KB', { author: `x${' <'.repeat(450_000)}` }, 'header "author" has 900'],
    ['a header of 500 KB', { headers: `note ${'x\n '.repeat(170_000)}\n` }, 'header "note" has 510'],
    ['50,000 headers', { headers: 'a b\n'.repeat(50_000) }, "of the commit's headers only 1000 are read"],
  ] as const)(
    'is refused by name where it is a commit with %s, and the branch set back is followed',
    async (_, options, told) => {
      await using remote = await realRemote();
      await using ledger = await remote.ledger('judge-service');
      const hand = hostileHand(remote.dir);
      const good = await hand.tip();
      const root = await hand.tree(await hand.root());
      const evil = await hand.commit(root, options);
      await hand.commit(root);
      const old = ledger.snapshot();
      await expect(old).rejects.toMatchObject({ fault: { code: 'malformed', object: evil } });
      await expect(old).rejects.toThrow(told);
      expect(ledger.trouble()).toMatchObject({ code: 'malformed', object: evil });
      await using fresh = await remote.ledger('round-manager');
      await expect(fresh.snapshot()).rejects.toMatchObject({ fault: { code: 'malformed', object: evil } });
      // What stood before it was never left.
      expect((await ledger.latest()).commit).toBe(good);
      expect(await quarantines(remote.scratch)).toEqual([]);
      await git(remote.dir, 'update-ref', 'refs/heads/main', good);
      const next = await hand.commit(root);
      expect((await ledger.snapshot()).commit).toBe(next);
    },
  );

  it.skipIf(script === undefined)(
    'is refused by name where it is the reported commit of 200 KB of brackets (needs TILTYARD_SHARED, python3)',
    async () => {
      await using remote = await realRemote();
      await using ledger = await remote.ledger('judge-service');
      const { stdout } = await promisify(execFile)('python3', [script ?? '', remote.dir, '100000']);
      const [, evil = ''] = stdout.trim().split(' ');
      await expect(ledger.snapshot()).rejects.toMatchObject({ fault: { code: 'malformed', object: evil } });
      await expect(ledger.snapshot()).rejects.toThrow('header "author" has 2000');
    },
  );

  it('is not read in one way here and in another there: a folder that names a file twice is refused', async () => {
    await using remote = await realRemote();
    await using ledger = await remote.ledger('judge-service');
    const hand = hostileHand(remote.dir);
    const root = await hand.root();
    const other = await hand.write('blob', Buffer.from('[]\n'));
    const twice = root.flatMap((entry) => (entry.name === 'leader.json' ? [entry, { ...entry, id: other }] : [entry]));
    const malformed = await hand.tree(twice);
    await hand.commit(malformed);
    const reading = (await ledger.snapshot()).read(stateFiles.leader);
    await expect(reading).rejects.toMatchObject({ fault: { code: 'malformed', object: malformed } });
    await expect(reading).rejects.toThrow('holds "leader.json" twice');
    // Nothing is put on top of it either, as if it had been one of the two.
    const draft = (await ledger.snapshot()).draft().write(stateFiles.auditRequests, { round: 1 }, []);
    await expect(ledger.publish(draft)).rejects.toMatchObject({ code: 'malformed' });
    expect(ledger.trouble()).toMatchObject({ code: 'malformed' });
    // It is no damage of the clone's, so nothing is cloned again; and a commit on top heals it.
    expect(await quarantines(remote.scratch)).toEqual([]);
    await hand.commit(await hand.tree(root));
    expect(await (await ledger.snapshot()).read(stateFiles.leader)).toHaveLength(1);
  });

  it('is met by a new clone as by an old one', async () => {
    await using remote = await realRemote();
    const hand = hostileHand(remote.dir);
    const [first, ...others] = await hand.root();
    if (first === undefined) throw new Error('the fixture has no files');
    const malformed = await hand.tree([first, first, ...others]);
    await hand.commit(malformed);
    await using ledger = await remote.ledger('judge-service');
    const reading = (await ledger.snapshot()).read(stateFiles.state);
    await expect(reading).rejects.toMatchObject({ fault: { code: 'malformed', object: malformed } });
  });

  it('is no content of a state file where it is a link or a commit', async () => {
    await using remote = await realRemote();
    await using ledger = await remote.ledger('judge-service');
    const hand = hostileHand(remote.dir);
    const root = await hand.root();
    const tip = await hand.tip();
    for (const [mode, id] of [
      ['120000', await hand.write('blob', Buffer.from('[]\n'))],
      // A commit that the clone holds: its text would have been read as the file's.
      ['160000', tip],
    ] as const) {
      const other = root.map((entry) => (entry.name === 'leader.json' ? { ...entry, mode, id } : entry));
      await hand.commit(await hand.tree(other));
      const reading = (await ledger.snapshot()).read(stateFiles.leader);
      await expect(reading).rejects.toMatchObject({
        fault: { code: 'invalid', path: 'leader.json', detail: 'is no plain file' },
      });
    }
  });

  it('is not taken for the whole history where the host cuts its beginning off', async () => {
    await using remote = await realRemote();
    await remote.meddle('README.md', 'more\n');
    const cut = path.join(remote.scratch, 'cut.git');
    await git(remote.scratch, 'clone', '-q', '--bare', '--depth', '1', remote.url, cut);
    const dir = path.join(remote.scratch, 'reader');
    const opening = openLedger({ competition: gen3d, remote: `file://${cut}`, dir, version: '0.1.0' });
    await expect(opening).rejects.toMatchObject({ fault: { code: 'unreachable', kind: 'server' } });
    await expect(opening).rejects.toThrow('shallow');
    // Nor is what an older version cloned from such a host.
    await git(remote.scratch, 'clone', '-q', '--bare', '--origin', 'origin', `file://${cut}`, dir);
    await git(dir, 'update-ref', 'refs/remotes/origin/main', 'refs/heads/main');
    await expect(openLedger({ competition: gen3d, remote: `file://${cut}`, dir, version: '0.1.0' })).rejects.toThrow(
      'shallow',
    );
  });

  it('does not say when a file was announced, by merging in a line of commits of its own', async () => {
    await using remote = await realRemote();
    await using ledger = await remote.ledger('judge-service');
    const hand = hostileHand(remote.dir);
    const tip = await hand.tip();
    const leader = await hand.write('blob', Buffer.from('[]\n'));
    const changed = (await hand.root()).map((entry) =>
      entry.name === 'leader.json' ? { ...entry, id: leader } : entry,
    );
    const tree = await hand.tree(changed);
    const side = await hand.commit(tree, { seconds: 1 });
    await git(remote.dir, 'update-ref', 'refs/heads/main', tip);
    const merge = await hand.commit(tree, { merged: [side] });
    const record = await (await ledger.snapshot()).changedAt(stateFiles.leader);
    expect(record).toEqual({ commit: merge, at: new Date(1_900_000_000_000) });
  });

  it('does not pass for what goes on from the known tip when it only merges it in', async () => {
    await using remote = await realRemote();
    const dir = path.join(remote.scratch, 'reader');
    const hand = hostileHand(remote.dir);
    const leader = await hand.write('blob', Buffer.from('[]\n'));
    const root = await hand.root();
    const tree = await hand.tree(
      root.map((entry) => (entry.name === 'leader.json' ? { ...entry, id: leader } : entry)),
    );
    const known = await remote.meddle('README.md', 'more\n');
    let fault: LedgerFault | undefined;
    {
      await using ledger = await remote.ledger('judge-service', { dir });
      // Another history from the beginning on, or from some commit on, with the known tip as second parent.
      await git(remote.dir, 'update-ref', 'refs/heads/main', remote.first);
      const found = await hand.commit(tree, { merged: [known] });
      fault = await faultOf(ledger.snapshot());
      expect(fault).toMatchObject({ code: 'rewritten', known, found });
      expect(await faultOf(ledger.snapshot())).toEqual(fault);
      expect(await git(dir, 'rev-parse', 'refs/remotes/origin/main')).toBe(known);
      expect(await git(dir, 'for-each-ref', '--format=%(objectname)', 'refs/tiltyard/evidence')).toBe(found);
    }
    await using again = await remote.ledger('judge-service', { dir });
    expect(await faultOf(again.snapshot())).toEqual(fault);
    // What is merged into the line, as people do, changes nothing about it.
    await git(remote.dir, 'update-ref', 'refs/heads/main', known);
    const merge = await hand.commit(await hand.tree(root), { merged: [remote.first] });
    expect((await again.snapshot()).commit).toBe(merge);
  });
});

async function faultOf(promise: Promise<unknown>): Promise<LedgerFault | undefined> {
  return promise.then(
    () => undefined,
    (error: unknown) => (error instanceof LedgerError ? error.fault : undefined),
  );
}
