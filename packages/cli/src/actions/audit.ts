import { existsSync } from 'node:fs';
import {
  type AuditOptions,
  auditRepository,
  type Dialect,
  explainRound,
  reportJson,
  reportText,
} from '@tiltyard/audit/gen3d';
import { BlockNumber, networkText } from '@tiltyard/schema';
import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-status.js';
import { connectChain } from '../open-chain.js';
import type { ChainOption } from '../options/chain-option.js';
import { remoteOf } from '../options/repository-options.js';
import type { Outcome } from '../outcome.js';
import { plainTexts } from '../terminal/plain-text.js';
import { withProgress } from '../terminal/progress.js';
import type { Terminal } from '../terminal/terminal.js';

export interface AuditCommandOptions extends ChainOption {
  readonly branch: string;
  readonly since?: string;
  readonly round?: readonly number[];
  readonly rule?: readonly string[];
  /** Whether to print the table of rules. */
  readonly rules?: true;
  readonly dialect?: Dialect | 'auto';
  readonly explain?: number;
  readonly knownTip?: string;
}

/**
 * Replays a state repository's history and checks every rule. Exit status 0 without errors, 1 with errors. What could not
 * be read, and an audit that checked nothing, throws: exit status 2.
 */
export async function audit(
  repository: string | undefined,
  options: AuditCommandOptions,
  terminal: Terminal,
): Promise<Outcome> {
  const address = remoteOf(repository === undefined ? {} : { remote: repository }, terminal);
  await using chain = options.network === undefined ? undefined : await connectChain(options.network, terminal);
  const found = await withProgress(terminal, `Auditing ${address}`, (tell) =>
    auditRepository({
      ...sourceOf(address, options.branch),
      ...narrowed(options),
      dialect: options.dialect ?? 'auto',
      ...(chain === undefined
        ? {}
        : { blockHash: async (block) => (await chain.witnessedBlockHash(BlockNumber.parse(block))).hash }),
      now: terminal.now(),
      signal: terminal.signal,
      onProgress: ({ commits, totalCommits }) => tell(`${commits} of ${totalCommits} commits`),
    }),
  );
  const { genesis_hash: genesis } = found.network;
  if (chain !== undefined && genesis !== null && genesis !== chain.genesisHash) {
    const detail = `The repository is of ${networkText(found.network)}, and --network leads to the chain of genesis ${chain.genesisHash}.`;
    throw new CliError({ code: 'refused', detail });
  }
  const report = plainTexts(found);
  const exitStatus = report.ok ? EXIT.ok : EXIT.no;
  const { colours } = terminal;
  if (options.explain === undefined) {
    const text = reportText(report, { colours, rules: options.rules === true }).trimEnd();
    return { facts: reportJson(report), text, exitStatus };
  }
  const text = explainRound(report, options.explain, { colours }).trimEnd();
  const story = report.stories.get(options.explain);
  if (story === undefined) throw new CliError({ code: 'not_there', what: `round ${options.explain}` });
  // The story is printed whatever the audit found; the facts hold the audit's own verdict too.
  return { facts: { ...story, ok: true, auditOk: report.ok, tip: report.tip }, text };
}

function sourceOf(address: string, branch: string) {
  return existsSync(address) ? { dir: address, ref: branch } : { remote: address, branch };
}

/** The options that narrow an audit; a story needs its own round only. */
function narrowed({ since, round, rule, knownTip, explain }: AuditCommandOptions): Partial<AuditOptions> {
  const rounds = explain === undefined ? round : [explain];
  return {
    ...(since === undefined ? {} : { since }),
    ...(rounds === undefined ? {} : { rounds }),
    ...(rule === undefined ? {} : { rules: rule }),
    ...(knownTip === undefined ? {} : { knownTip }),
  };
}
