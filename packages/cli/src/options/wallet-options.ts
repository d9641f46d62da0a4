import type { Command } from 'commander';

/** Adds the options that say which wallet signs; `chosenWallet` loads it. */
export function withWallet(command: Command): Command {
  return command
    .option('--wallet <name/hotkey>', 'a Bittensor wallet; or //Name, a development account for a local chain')
    .option('--wallet-file <file>', 'a key file in the same format')
    .option('--wallet-root <dir>', 'where wallets are (default: ~/.bittensor/wallets)')
    .option('--password-file <file>', "the key file's password (or $BT_PW_…, or you are asked)");
}
