import path from 'node:path';
import { competitionOf } from '@tiltyard/schema/competitions';
import { gen3d } from '@tiltyard/schema/gen3d';
import { describe, expect, it } from 'vitest';
import { git } from '../../../../test-support/git-cli.js';
import { scratchDir } from '../../../../test-support/scratch-dir.js';
import { initRepository, type LedgerOptions, openLedger } from '../../src/index.js';
import { darts, dartsFiles } from '../support/darts.js';
import { newKey } from '../support/signed-remote.js';
import { firstFiles, CONFIG as GEN3D_CONFIG } from '../support/state-files.js';

const GAME = { winner: 'Ann', loser: 'Ben' };
const CONFIG = dartsFiles.config.codec.format({ competition: 'darts', players: ['Ann', 'Ben'] });

/** An empty repository, and ledgers on it. */
async function emptyRemote() {
  const scratch = await scratchDir();
  const remote = path.join(scratch.path, 'remote.git');
  await git(scratch.path, 'init', '-q', '--bare', '-b', 'main', remote);
  let clones = 0;
  return {
    remote,
    scratch: scratch.path,
    open: <W extends string>(options: Pick<LedgerOptions<W>, 'competition' | 'service' | 'signing'>) => {
      clones += 1;
      return openLedger({ remote, dir: path.join(scratch.path, `clone-${clones}`), version: '1', ...options });
    },
    [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose](),
  };
}

describe('a ledger of a competition without stages and rounds', () => {
  it('starts it, publishes to it and reads it, by its own table', async () => {
    await using place = await emptyRemote();
    const files = new Map([['config.json', CONFIG]]);
    await initRepository({ competition: darts, remote: place.remote, files, version: '1' });
    await using ledger = await place.open({ competition: darts, service: 'referee' });
    await ledger.publish((await ledger.snapshot()).draft().write(dartsFiles.games, { day: 3 }, [GAME]));

    const snapshot = await ledger.snapshot();
    expect(await snapshot.read(dartsFiles.games, { day: 3 })).toEqual([GAME]);
    expect((await snapshot.list(dartsFiles.games)).map(({ params }) => params)).toEqual([{ day: 3 }]);
    expect(await git(place.remote, 'log', '--format=%an: %s', 'main')).toBe(
      'referee: Games of day 3\noperator: Let there be darts',
    );
  });

  it('refuses what its table does not allow', async () => {
    await using place = await emptyRemote();
    const start = (files: Map<string, string>) =>
      initRepository({ competition: darts, remote: place.remote, files, version: '1' });
    await expect(start(new Map())).rejects.toMatchObject({ fault: { code: 'invalid', path: 'config.json' } });
    await start(new Map([['config.json', CONFIG]]));
    await using referee = await place.open({ competition: darts, service: 'referee' });
    await using operator = await place.open({ competition: darts, service: 'operator' });
    await referee.publish((await referee.snapshot()).draft().write(dartsFiles.games, { day: 1 }, [GAME]));

    const of = await operator.snapshot();
    await expect(operator.publish(of.draft().write(dartsFiles.games, { day: 2 }, [GAME]))).rejects.toMatchObject({
      fault: { code: 'not_owner', writer: 'operator', owners: ['referee'] },
    });
    const players = { competition: 'darts' as const, players: ['Ann', 'Cid'] };
    await expect(operator.publish(of.draft().write(dartsFiles.config, {}, players))).rejects.toMatchObject({
      fault: { code: 'frozen', path: 'config.json' },
    });
    const retold = (await referee.snapshot()).draft().write(dartsFiles.games, { day: 1 }, []);
    await expect(referee.publish(retold)).rejects.toMatchObject({ fault: { code: 'not_append' } });
    expect(() => of.draft().write(gen3d.files.leader, {}, [])).toThrow('no state file');
  });

  it('asks for the keys of its own writers', async () => {
    await using place = await emptyRemote();
    const operator = await newKey(place.scratch, 'operator-key');
    const referee = await newKey(place.scratch, 'referee-key');
    const signers = `operator ${operator.publicKey}\nreferee ${referee.publicKey}\n`;
    const files = new Map([
      ['config.json', CONFIG],
      ['allowed_signers', signers],
    ]);
    await initRepository({ competition: darts, remote: place.remote, files, version: '1' });
    await using unsigned = await place.open({ competition: darts, service: 'referee' });
    const games = async (ledger: typeof unsigned) =>
      ledger.publish((await ledger.snapshot()).draft().write(dartsFiles.games, { day: 1 }, [GAME]));
    await expect(games(unsigned)).rejects.toMatchObject({ fault: { code: 'not_signer', writer: 'referee' } });
    await using signed = await place.open({ competition: darts, service: 'referee', signing: referee });
    expect((await games(signed)).outcome).toBe('published');
    expect((await (await signed.snapshot()).trust()).unvouched).toEqual([]);
  });
});

describe('which competition a repository holds', () => {
  it('is what its config.json says', async () => {
    await using place = await emptyRemote();
    await initRepository({ competition: gen3d, remote: place.remote, files: firstFiles('duels'), version: '1' });
    await using ledger = await place.open({ competition: competitionOf });
    expect((await ledger.snapshot()).competition).toBe(gen3d);
  });

  it('is refused by a ledger of another one, and by software that does not know it', async () => {
    await using place = await emptyRemote();
    const files = new Map([['config.json', CONFIG]]);
    const fault = { code: 'invalid', path: 'config.json', field: 'competition' };
    const asGen3d = { competition: gen3d, remote: place.remote, files: firstFiles('duels'), version: '1' };
    asGen3d.files.set('config.json', JSON.stringify({ ...GEN3D_CONFIG, competition: 'darts' }));
    await expect(initRepository(asGen3d)).rejects.toMatchObject({ fault });
    await initRepository({ competition: darts, remote: place.remote, files, version: '1' });
    await expect(place.open({ competition: competitionOf })).rejects.toMatchObject({ fault });
    await using ledger = await place.open({ competition: gen3d });
    await expect(ledger.snapshot()).rejects.toMatchObject({ fault });
  });
});
