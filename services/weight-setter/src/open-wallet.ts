import { loadWallet, type Wallet, walletFromUri } from '@tiltyard/chain';
import type { WeightSetterConfig } from './config.js';

/**
 * Opens the validator's hotkey. The password of an encrypted file comes from a file or from btcli's own variable
 * (`BT_PW_…`), never from a prompt: nobody sits at a service's terminal.
 *
 * @throws ChainError of its wallet faults
 */
export async function openWallet(wallet: WeightSetterConfig['wallet']): Promise<Wallet> {
  if (wallet.kind === 'uri') return await walletFromUri(wallet.uri.reveal());
  return await loadWallet(wallet.path, wallet.passwordFile === undefined ? {} : { file: wallet.passwordFile });
}
