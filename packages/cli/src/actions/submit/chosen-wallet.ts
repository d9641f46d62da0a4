import path from 'node:path';
import { loadWallet, type Wallet, walletFromUri, walletPath } from '@tiltyard/chain';
import { CliError } from '../../cli-error.js';
import type { Terminal } from '../../terminal.js';

/** Options that name a wallet. */
export interface WalletOptions {
  readonly wallet?: string;
  readonly walletFile?: string;
  readonly walletRoot?: string;
  readonly passwordFile?: string;
}

/**
 * Loads the wallet that is meant: `NAME/HOTKEY` among Bittensor's wallets, a key file, or `//Name`, an account of the
 * public development phrase for local chains.
 *
 * @throws CliError `usage` without a wallet or with two; ChainError `wallet_…`.
 */
export async function chosenWallet(options: WalletOptions, terminal: Terminal): Promise<Wallet> {
  const { wallet, walletFile } = options;
  if (wallet !== undefined && walletFile !== undefined) throw usage('Give --wallet or --wallet-file, not both.');
  if (wallet?.startsWith('//')) return walletFromUri(wallet);
  const file = walletFile === undefined ? fileOf(wallet, options.walletRoot) : path.resolve(terminal.cwd, walletFile);
  return loadWallet(file, {
    environment: terminal.environment,
    ...(options.passwordFile === undefined ? {} : { file: path.resolve(terminal.cwd, options.passwordFile) }),
    prompt: (keyFile) => terminal.askSecret(`Password of ${keyFile}: `),
  });
}

function fileOf(wallet: string | undefined, root: string | undefined): string {
  const [name, hotkey, ...rest] = wallet?.split('/') ?? [];
  if (!name || !hotkey || rest.length > 0)
    throw usage('Which wallet? Give --wallet NAME/HOTKEY or --wallet-file FILE.');
  return walletPath({ name, hotkey, ...(root === undefined ? {} : { root }) });
}

function usage(detail: string): CliError {
  return new CliError({ code: 'usage', detail });
}
