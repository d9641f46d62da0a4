import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { Keyring } from '@polkadot/keyring';
import { u8aToHex } from '@polkadot/util';
import { cryptoWaitReady, mnemonicToMiniSecret, sr25519PairFromSeed, sr25519Verify } from '@polkadot/util-crypto';
import { Secret } from '@tiltyard/schema';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { walletFromUri } from '../../src/wallet/wallet.js';
import { loadWallet, walletPath } from '../../src/wallet/wallet-file.js';
import { passwordFromEnvironment, passwordVariable } from '../../src/wallet/wallet-password.js';
import { unsealKeyFile } from '../../src/wallet/wallet-seal.js';

const PHRASE = 'bottom drive obey lake curtain smoke basket hold race lonely fit walk';
const PHRASE_ADDRESS = '5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV';
const SEED = `0x${'07'.repeat(32)}`;

let folder = '';
beforeAll(async () => {
  await cryptoWaitReady();
  folder = await mkdtemp(join(tmpdir(), 'tiltyard-wallet-'));
});
afterAll(() => rm(folder, { recursive: true }));

let count = 0;
async function keyFile(content: object | string | Uint8Array): Promise<string> {
  count += 1;
  const path = join(folder, `key${count}`);
  await writeFile(
    path,
    content instanceof Uint8Array || typeof content === 'string' ? content : JSON.stringify(content),
  );
  return path;
}

async function faultOf(loading: Promise<unknown>): Promise<{ code: string; [fact: string]: unknown }> {
  const error: unknown = await loading.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return z.object({ fault: z.looseObject({ code: z.string() }) }).parse(error).fault;
}

const seedPair = () => new Keyring({ type: 'sr25519' }).addFromSeed(Buffer.from(SEED.slice(2), 'hex'));

describe('a wallet', () => {
  it('signs as its hotkey', async () => {
    const alice = await walletFromUri(new Secret('//Alice'));
    expect(alice.hotkey).toBe('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
    const message = Uint8Array.of(1, 2, 3);
    expect(sr25519Verify(message, alice.sign(message), alice.publicKey)).toBe(true);
  });

  it('shows its address and nothing else, however it is printed', async () => {
    const wallet = await walletFromUri(new Secret(PHRASE));
    const { secretKey } = sr25519PairFromSeed(mnemonicToMiniSecret(PHRASE));
    const secrets = [Buffer.from(secretKey), Buffer.from(mnemonicToMiniSecret(PHRASE))];
    const shown = [
      inspect(wallet, { depth: 9, showHidden: true }),
      inspect({ nested: [wallet] }, { depth: 9 }),
      JSON.stringify({ wallet }),
      `${wallet}`,
      Object.keys(wallet).join(),
      JSON.stringify(structuredClone({ ...wallet })),
    ];
    for (const text of shown) {
      expect(text).toMatch(new RegExp(`${PHRASE_ADDRESS}|^hotkey$`));
      expect(text).not.toMatch(/bottom|secret|pair|sign/i);
      for (const secret of secrets) {
        expect(text).not.toContain(secret.toString('hex').slice(0, 16));
        expect(text).not.toContain(secret.subarray(0, 8).join(', '));
      }
    }
    expect(shown[0]).toBe(`Wallet(${PHRASE_ADDRESS})`);
  });
});

describe('a wallet file in clear', () => {
  it('loads by its phrase, else its seed, else its private key', async () => {
    const phrase = await loadWallet(
      await keyFile({ secretPhrase: PHRASE, secretSeed: SEED, ss58Address: PHRASE_ADDRESS }),
    );
    expect(phrase.hotkey).toBe(PHRASE_ADDRESS);
    const { address } = seedPair();
    const seed = await loadWallet(await keyFile({ secretPhrase: null, secretSeed: SEED, privateKey: '00'.repeat(64) }));
    expect(seed.hotkey).toBe(address);
  });

  it('loads a private key written with its scalar as it is, and one times the cofactor', async () => {
    const { publicKey, secretKey } = sr25519PairFromSeed(Buffer.from(SEED.slice(2), 'hex'));
    const timesCofactor = Buffer.from(secretKey);
    // Dividing by 8 moves the little-endian number three bits down.
    const plain = Buffer.from(secretKey);
    for (let index = 0; index < 32; index += 1) {
      plain[index] = ((secretKey[index] ?? 0) >> 3) | (((index < 31 ? (secretKey[index + 1] ?? 0) : 0) << 5) & 0xff);
    }
    for (const key of [plain, timesCofactor]) {
      const file = { privateKey: `0x${key.toString('hex')}`, publicKey: u8aToHex(publicKey) };
      const wallet = await loadWallet(await keyFile(file));
      const message = Uint8Array.of(9);
      expect(wallet.hotkey).toBe(seedPair().address);
      expect(sr25519Verify(message, wallet.sign(message), publicKey)).toBe(true);
    }
  });

  it('is refused when its secret belongs to another address', async () => {
    const other = { secretPhrase: PHRASE, ss58Address: seedPair().address };
    expect(await faultOf(loadWallet(await keyFile(other)))).toMatchObject({ code: 'wallet_mismatch' });
    const { publicKey } = seedPair();
    const key = { privateKey: '11'.repeat(64), publicKey: u8aToHex(publicKey) };
    expect(await faultOf(loadWallet(await keyFile(key)))).toMatchObject({ code: 'wallet_mismatch' });
  });

  it('is refused with the field that is wrong, and never quotes it', async () => {
    const cases: [object | string, string][] = [
      [`{"secretPhrase": "${PHRASE}"`, 'file'],
      ['[]', 'file'],
      [{ ss58Address: PHRASE_ADDRESS }, 'secretPhrase'],
      [{ secretPhrase: `${PHRASE} walk` }, 'secretPhrase'],
      [{ secretSeed: SEED.slice(0, 40) }, 'secretSeed'],
      [{ privateKey: `0x${'11'.repeat(64)}` }, 'publicKey'],
      [{ secretPhrase: PHRASE, cryptoType: 0 }, 'cryptoType'],
      ['x'.repeat(100_000), 'file'],
    ];
    for (const [content, field] of cases) {
      const loading = loadWallet(await keyFile(content));
      expect(await faultOf(loading)).toMatchObject({ code: 'wallet_malformed', field });
      const said = await loading.catch((error: unknown) => inspect(error, { depth: 9, showHidden: true }));
      expect(said).not.toMatch(/bottom drive|07070707|11111111/);
    }
    expect(await faultOf(loadWallet(join(folder, 'none')))).toMatchObject({ code: 'wallet_missing' });
  });

  it('lies where btcli keeps hotkeys, and nowhere else', () => {
    expect(walletPath({ name: 'val', hotkey: 'default', root: '/w' })).toBe('/w/val/hotkeys/default');
    for (const hotkey of ['..', '.', 'a/b', '', 'a\\b']) {
      expect(() => walletPath({ name: 'val', hotkey })).toThrowError(
        expect.objectContaining({ code: 'wallet_malformed' }),
      );
    }
  });
});

describe('an encrypted wallet file', () => {
  const vector = z
    .object({ hotkey: z.string(), password: z.string(), keyFileBase64: z.base64() })
    .parse(JSON.parse(readFileSync(new URL('../vectors/wallet-nacl.json', import.meta.url), 'utf8')));
  const sealed = Buffer.from(vector.keyFileBase64, 'base64');

  it("opens what libsodium sealed, with the real parameters and the password from btcli's variable", async () => {
    const path = await keyFile(sealed);
    const variable = passwordVariable(path);
    const name = Buffer.from(variable);
    const masked = Buffer.from(vector.password).map((byte, index) => byte ^ (name[index % name.length] ?? 0));
    const environment = { [variable]: Buffer.from(masked).toString('base64') };
    expect((await loadWallet(path, { environment })).hotkey).toBe(vector.hotkey);
  }, 180_000); // 512 MiB, eight times over: seconds on an idle machine, much more on a busy one

  it('stays closed under another key', async () => {
    const quick = { iterations: 1, memoryKib: 64 };
    const unsealing = unsealKeyFile(sealed, new Secret(vector.password), '/key', quick);
    expect(await faultOf(unsealing)).toEqual({ code: 'wallet_wrong_password', path: '/key' });
  });

  it('takes the password from a file before it asks a person', async () => {
    const file = await keyFile('\n');
    const prompt = () => Promise.reject(new Error('asked'));
    const loading = loadWallet(await keyFile(sealed), { file, prompt });
    expect(await faultOf(loading)).toMatchObject({ code: 'wallet_wrong_password' });
  });

  it('needs a password', async () => {
    const path = await keyFile(sealed);
    expect(await faultOf(loadWallet(path))).toEqual({ code: 'wallet_password_needed', path });
    expect(await faultOf(loadWallet(path, { environment: {}, prompt: async () => null }))).toEqual({
      code: 'wallet_password_needed',
      path,
    });
  });

  it('is refused by name in the older forms, and when it is cut', async () => {
    const unsupported = 'wallet_encryption_unsupported';
    const ansible = await keyFile('$ANSIBLE_VAULT;1.1;AES256\n6162');
    expect(await faultOf(loadWallet(ansible))).toEqual({ code: unsupported, path: ansible, form: 'ansible-vault' });
    const fernet = await keyFile('gAAAAABmabc=');
    expect(await faultOf(loadWallet(fernet))).toEqual({ code: unsupported, path: fernet, form: 'fernet' });
    const cut = await keyFile(sealed.subarray(0, 40));
    expect(await faultOf(loadWallet(cut, { prompt: async () => new Secret('x') }))).toMatchObject({
      code: 'wallet_malformed',
    });
  });
});

describe('a password in the environment', () => {
  it("is named after the key file's path, as btcli names it", () => {
    expect(passwordVariable('/root/.bittensor/wallets/val/hotkeys/default')).toBe(
      'BT_PW__ROOT__BITTENSOR_WALLETS_VAL_HOTKEYS_DEFAULT',
    );
  });

  it('is whatever was masked with the name of its variable', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (password) => {
        const name = Buffer.from('BT_PW_X');
        const masked = Buffer.from(password).map((byte, index) => byte ^ (name[index % name.length] ?? 0));
        const environment = { BT_PW_X: Buffer.from(masked).toString('base64') };
        expect(passwordFromEnvironment('BT_PW_X', environment)?.reveal()).toBe(password);
      }),
    );
    expect(passwordFromEnvironment('BT_PW_X', {})).toBeNull();
  });

  it('is refused when it is not base64', () => {
    const read = () => passwordFromEnvironment('BT_PW_X', { BT_PW_X: 'plain password!' });
    expect(read).toThrowError(expect.objectContaining({ code: 'wallet_malformed' }));
    expect(read).not.toThrowError(/plain/);
  });
});
