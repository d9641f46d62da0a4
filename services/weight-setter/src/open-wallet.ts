import { loadWallet, type Wallet, walletFromUri } from '@tiltyard/chain';
import type { Environment } from '@tiltyard/service-kit';
import type { WeightSetterConfig } from './config.js';

/**
 * Opens the validator's hotkey. The password of an encrypted file comes from btcli's own variable (`BT_PW_…`) or from a
 * file, never from a prompt: nobody sits at a service's terminal.
 *
 * @throws ChainError of its wallet faults
 */
export async function openWallet(wallet: WeightSetterConfig['wallet'], environment: Environment): Promise<Wallet> {
  if (wallet.kind === 'uri') return await walletFromUri(wallet.uri.reveal());
  const { path, passwordFile } = wallet;
  return await loadWallet(path, { environment, ...(passwordFile === undefined ? {} : { file: passwordFile }) });
}
