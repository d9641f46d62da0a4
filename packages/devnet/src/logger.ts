/** Where the dev chain writes what its operator should know; a pino logger fits. */
export interface DevnetLogger {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
}

export const SILENT_LOGGER: DevnetLogger = { info: () => {}, warn: () => {} };
