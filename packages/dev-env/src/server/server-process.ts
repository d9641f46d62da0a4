/** What a process of its own serves. */
export interface ServedProcess {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * The main of a process that serves something: prints `{"listening": url}` on standard output once it takes requests,
 * stops on SIGTERM or SIGINT, and exits with 1 and a line on standard error when it cannot start or stop.
 */
export function runServerProcess(start: () => Promise<ServedProcess>): void {
  const fail = (error: unknown): never => {
    process.stderr.write(`${JSON.stringify({ error: error instanceof Error ? error.message : String(error) })}\n`);
    process.exit(1);
  };
  start().then((served) => {
    const stop = () => served.close().then(() => process.exit(0), fail);
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
    process.stdout.write(`${JSON.stringify({ listening: served.url })}\n`);
  }, fail);
}
