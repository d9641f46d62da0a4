/** What a log line needs; pino fits. */
export interface SampleLog {
  info(facts: Readonly<Record<string, unknown>>, message: string): void;
  warn(facts: Readonly<Record<string, unknown>>, message: string): void;
}

/** One JSON object a line on standard error, for a process whose standard output says where it listens. */
export function stderrLog(name: string): SampleLog {
  const write =
    (level: string) =>
    (facts: Readonly<Record<string, unknown>>, msg: string): void => {
      process.stderr.write(`${JSON.stringify({ level, time: new Date().toISOString(), name, ...facts, msg })}\n`);
    };
  return { info: write('info'), warn: write('warn') };
}
