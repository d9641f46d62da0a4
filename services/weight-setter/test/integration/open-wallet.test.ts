import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { passwordVariable } from '@tiltyard/chain';
import { ConfigError, Secret } from '@tiltyard/schema';
import { afterAll, describe, expect, it } from 'vitest';
import { openWallet } from '../../src/open-wallet.js';

const folder = mkdtempSync(path.join(tmpdir(), 'tiltyard-wallet-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe("the validator's wallet", () => {
  it('is a development key where the configuration says so', async () => {
    const wallet = await openWallet({ kind: 'uri', uri: new Secret('//Alice') }, {});
    expect(wallet.hotkey).toBe('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
  });

  it("that is encrypted takes its password from btcli's variable, and says what it lacks without one", async () => {
    const file = path.join(folder, 'hotkey');
    writeFileSync(file, Buffer.concat([Buffer.from('$NACL'), Buffer.alloc(120, 7)]));
    const wallet = { kind: 'file', path: file, passwordFile: undefined } as const;
    await expect(openWallet(wallet, {})).rejects.toThrow(
      /^WALLET_PASSWORD_FILE gives no wallet: .*no password was given/,
    );
    // Read and refused for its form, before the seconds that a key's derivation takes.
    const variable = passwordVariable(file);
    await expect(openWallet(wallet, { [variable]: 'not base64!' })).rejects.toThrow(`${variable} gives no wallet: `);
  });

  it('names the variable whose file is not there', async () => {
    const missing = path.join(folder, 'missing');
    const sealed = path.join(folder, 'hotkey');
    const open = (file: string, passwordFile?: string) => openWallet({ kind: 'file', path: file, passwordFile }, {});
    await expect(open(missing)).rejects.toThrow(`WALLET_HOTKEY_FILE gives no wallet: `);
    await expect(open(sealed, missing)).rejects.toThrow(`WALLET_PASSWORD_FILE gives no wallet: `);
    await expect(open(missing)).rejects.toBeInstanceOf(ConfigError);
  });
});
