/** What the command ends with. The same table for every command; `--help` prints it. */
export const EXIT = {
  /** Done; for a question: yes. */
  ok: 0,
  /** The answer is no: an audit found errors, a file was refused, a commitment is not on chain. */
  no: 1,
  /** It could not be done: a repository, chain, store or file could not be read or refused the change. */
  failed: 2,
  /** Usage error. An audit ends with `failed` then: its 0 and 1 are verdicts, 2 is none. */
  usage: 64,
  /** A defect in this software. */
  internal: 70,
  /** Interrupted by a signal. */
  interrupted: 130,
} as const;
export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

/** The exit status of a usage error. @see docs/auditing.md#auditing */
export function usageStatus(args: readonly string[]): ExitStatus {
  return args.find((arg) => !arg.startsWith('-')) === 'audit' ? EXIT.failed : EXIT.usage;
}

/** The table as `--help` shows it. */
export const EXIT_STATUS_HELP = `
Exit status:
  0    done; for a question: yes
  1    the answer is no (an audit found errors, a file was refused, nothing is on chain)
  2    it could not be done (a repository, chain, store or file could not be read, or refused the change)
  64   usage error (audit: 2)
  70   a defect in this software
  130  interrupted
`;
