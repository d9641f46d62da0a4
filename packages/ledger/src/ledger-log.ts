/** Where the ledger says what it does. A pino logger fits. */
export interface LedgerLog {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** Says nothing. */
export const SILENT_LOG: LedgerLog = { debug() {}, info() {}, warn() {}, error() {} };
