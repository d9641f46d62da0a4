import path from 'node:path';
import {
  ChainError,
  type ChainFault,
  loadWallet,
  passwordVariable,
  type Wallet,
  walletFromUri,
  walletPath,
} from '@tiltyard/chain';
import { isFault, Secret } from '@tiltyard/schema';
import { CliError } from '../../cli-error.js';
import type { Terminal } from '../../terminal/terminal.js';

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
 * @throws CliError `usage` without a wallet or with two, `wallet_…` for one that cannot be opened; ChainError `wallet_…`
 * for a file that holds none.
 */
export async function chosenWallet(options: WalletOptions, terminal: Terminal): Promise<Wallet> {
  const { wallet, walletFile } = options;
  if (wallet !== undefined && walletFile !== undefined) throw usage('Give --wallet or --wallet-file, not both.');
  if (wallet?.startsWith('//')) return walletFromUri(new Secret(wallet));
  const file = walletFile === undefined ? fileOf(wallet, options.walletRoot) : path.resolve(terminal.cwd, walletFile);
  try {
    return await loadWallet(file, {
      environment: terminal.environment,
      ...(options.passwordFile === undefined ? {} : { file: path.resolve(terminal.cwd, options.passwordFile) }),
      prompt: (keyFile) => terminal.askSecret(`Password of ${keyFile}: `),
    });
  } catch (error) {
    if (!isFault(error, ChainError, 'wallet_missing', 'wallet_password_needed', 'wallet_wrong_password')) throw error;
    throw new CliError({ code: error.fault.code, detail: whatToDo(error, options, file) }, { cause: error });
  }
}

type UnopenedFault = Extract<
  ChainFault,
  { code: 'wallet_missing' | 'wallet_password_needed' | 'wallet_wrong_password' }
>;

/** A wallet that cannot be opened, as the user named it. */
function whatToDo(
  error: ChainError & { readonly fault: UnopenedFault },
  { wallet, passwordFile }: WalletOptions,
  file: string,
): string {
  const { fault } = error;
  const named = wallet === undefined ? `The wallet ${file}` : `The wallet ${wallet} in ${file}`;
  if (fault.code === 'wallet_password_needed') {
    return `${named} is encrypted; give --password-file, or set ${passwordVariable(file)} as btcli does`;
  }
  if (fault.code === 'wallet_wrong_password') return `The password does not open ${wallet ?? file}; check it`;
  const reason = (fault.cause as NodeJS.ErrnoException | null)?.code;
  if (fault.path !== file) return `--password-file ${passwordFile} cannot be read (${reason}); check its name`;
  if (reason !== 'ENOENT' && reason !== 'ENOTDIR') return error.message;
  return wallet === undefined
    ? `No wallet at ${file}; create it with btcli, or name one with --wallet NAME/HOTKEY`
    : `No wallet ${wallet} in ${path.resolve(file, '../../..')}; create it with btcli or give --wallet-root`;
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
