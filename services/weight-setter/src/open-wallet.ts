import { ChainError, loadWallet, type Wallet, walletFromUri } from '@tiltyard/chain';
import { ConfigError, type Environment } from '@tiltyard/schema';
import type { WeightSetterConfig } from './config.js';

/**
 * Opens the validator's hotkey. The password of an encrypted file comes from btcli's own variable (`BT_PW_…`) or from a
 * file, never from a prompt: a service has no one at its terminal.
 *
 * @throws ConfigError naming the variable whose file or password does not give a wallet
 */
export async function openWallet(wallet: WeightSetterConfig['wallet'], environment: Environment): Promise<Wallet> {
  if (wallet.kind === 'uri') return await walletFromUri(wallet.uri);
  const { path, passwordFile } = wallet;
  try {
    return await loadWallet(path, { environment, ...(passwordFile === undefined ? {} : { file: passwordFile }) });
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    throw new ConfigError([{ variable: variableOf(error, passwordFile), detail: `gives no wallet: ${error.message}` }]);
  }
}

/** Which variable a wallet's fault is about. */
function variableOf({ fault }: ChainError, passwordFile: string | undefined): string {
  const isPassword = fault.code === 'wallet_password_needed' || fault.code === 'wallet_wrong_password';
  if (isPassword || ('path' in fault && fault.path === passwordFile)) return 'WALLET_PASSWORD_FILE';
  // A password variable of btcli's that cannot be read is named by itself.
  const isVariable = fault.code === 'wallet_malformed' && fault.field === 'password';
  return isVariable ? fault.path : 'WALLET_HOTKEY_FILE';
}
