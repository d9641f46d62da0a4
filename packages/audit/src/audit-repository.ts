import { GitError } from '@tiltyard/git';
import { RulesError } from '@tiltyard/rules';
import { type CommitId, networkFacts } from '@tiltyard/schema';
import { ZodError } from 'zod';
import { AskedFor } from './asked-for.js';
import { AuditError } from './audit-error.js';
import { type AuditedCompetition, legacyOf } from './audited-competition.js';
import { dialectOf, pathsOf } from './dialect.js';
import { FindingLog, type FindingPlace } from './finding-log.js';
import { readHistory } from './git/history-stream.js';
import { isInHistory, type OpenRepository, openRepository, resolveCommit } from './git/open-repository.js';
import type { AuditOptions, AuditReport, RoundVerdict } from './interfaces.js';
import { type CommitView, roundOf } from './replay/commit-view.js';
import { FormatNotes } from './replay/format-notes.js';
import { Replay } from './replay/replay.js';
import type { Tree } from './replay/tree.js';
import type { Rule } from './rules/rule.js';

/** The longest state file that is read, as in the tables. */
const LIMIT_BYTES = 64 * 1024 * 1024;
const COMMITS_BETWEEN_PROGRESS = 100;

/**
 * Replays a state repository's history and checks every rule.
 *
 * Nothing is checked out and nothing is written but, for a remote, a temporary bare clone. Whatever a history holds comes
 * out as findings; only what cannot be read at all throws, and what was asked for where there is none of it. Who asks for
 * some rounds, commits or rules gets what the whole audit finds of these, and nothing else.
 *
 * @example
 * const report = await auditRepository(GEN3D, { dir: 'competition-state' });
 * process.stdout.write(reportText(GEN3D, report));
 * process.exitCode = exitStatus(report);
 *
 * @throws AuditError when the repository cannot be read or an option makes no sense; the signal's reason when it aborts.
 * @see docs/auditing.md#the-rules
 */
export async function auditRepository<Story>(
  competition: AuditedCompetition<Story>,
  options: AuditOptions,
): Promise<AuditReport<Story>> {
  try {
    return await replayRepository(competition, options);
  } catch (error) {
    const fault = error instanceof GitError ? error.fault : undefined;
    throw fault?.code === 'corrupt' || fault?.code === 'git' ? new AuditError(fault) : error;
  }
}

async function replayRepository<Story>(
  competition: AuditedCompetition<Story>,
  options: AuditOptions,
): Promise<AuditReport<Story>> {
  const { signal } = options;
  checkOptions(options);
  const only = options.rules?.map((rule) => ruleIdOf(competition, rule));
  await using repository = await openRepository(options, signal);
  const dialect = await dialectOf(competition, repository, options);
  const rules = competition.rules.filter(
    (rule) => (rule.only ?? dialect) === dialect && (only === undefined || only.includes(rule.id)),
  );
  const rounds = options.rounds === undefined ? undefined : new Set(options.rounds);
  // Who asks for a rule of the other dialect is told that it looked at nothing.
  const ids = Object.keys(competition.ruleNames).filter(
    (id) => only?.includes(id) ?? rules.some((rule) => rule.id === id),
  );
  const log = new FindingLog(ids, rounds);
  const notes = new FormatNotes(competition.eras);
  const since = await sinceOf(repository, options);
  const asked = {
    ...(rounds === undefined ? {} : { rounds: [...rounds].sort((a, b) => a - b) }),
    ...(since === undefined ? {} : { since }),
    ...(only === undefined ? {} : { rules: [...new Set(only)] }),
  };
  const part = new AskedFor(asked, pathOf(competition, competition.mainFile));

  await using replay = new Replay(competition, dialect, { dir: repository.dir, limitBytes: LIMIT_BYTES, signal });
  let commits = 0;
  const legacy = legacyOf(competition, dialect);
  const paths = pathsOf(competition, legacy);
  for await (const commit of readHistory(repository.dir, repository.tip, paths, LIMIT_BYTES, signal)) {
    signal?.throwIfAborted();
    const at = await replay.step(commit);
    const place = { index: commits, commit: at.commit.id, round: roundOf(at), isAskedFor: part.take(at) };
    notes.take(at, place);
    await applyRules(rules, at, place, { log, options });
    replay.record.end(at);
    replay.release(at);
    commits += 1;
    if (commits % COMMITS_BETWEEN_PROGRESS === 0 || commits === repository.totalCommits) {
      options.onProgress?.({ commits, totalCommits: repository.totalCommits });
    }
  }
  part.checkRange();
  const named = rules.find(({ id }) => id === 'F3');
  if (named !== undefined) notes.tell((place) => log.tellFor(named, place), rounds);
  await checkKnownTip(rules, repository, log, options);
  part.checkRules(log.tallies);
  const stories = replay.record.close(replay.tree, rounds);
  return {
    ok:
      !log.hasErrors &&
      (isNarrowed(options) || stories.verdicts.every((verdict) => isSound(verdict, legacy !== undefined))),
    dialect,
    isHeldAgainstChain: options.blockHash !== undefined,
    tip: repository.tip,
    network: networkFacts(configIn(competition, replay.tree)),
    asked,
    commits,
    commitsAskedFor: part.commits,
    rounds: stories.verdicts,
    rules: log.tallies,
    findings: log.findings,
    stories: stories.byRound,
  };
}

/** A file's path, of one whose path has no parameters. */
function pathOf({ files }: AuditedCompetition, name: string): string {
  return files[name]?.path.template ?? name;
}

function configIn(competition: AuditedCompetition, tree: Tree): Parameters<typeof networkFacts>[0] {
  return tree.at(pathOf(competition, 'config'))?.content.value as Parameters<typeof networkFacts>[0];
}

/** Who asks for some rules or commits only is told of these. */
function isNarrowed({ rules, since }: AuditOptions): boolean {
  return rules !== undefined || since !== undefined;
}

/** Whether a round came to what follows. Those of other formats may be such that nothing follows from, and say nothing either. */
function isSound({ agrees, winner, rederived }: RoundVerdict, hasOtherFormats: boolean): boolean {
  return agrees || (hasOtherFormats && winner === null && rederived === null);
}

async function applyRules(
  rules: readonly Rule[],
  at: CommitView,
  place: FindingPlace,
  { log, options }: { readonly log: FindingLog; readonly options: AuditOptions },
): Promise<void> {
  for (const rule of rules) {
    const tell = log.tellFor(rule, place);
    try {
      const waits = rule.check(at, tell, options);
      if (waits !== undefined) await waits;
    } catch (error) {
      // Numbers that every format allows and no decision can be made from: a block near 2^53, say.
      if (!(error instanceof RulesError) && !(error instanceof ZodError)) throw error;
      tell.fault({ severity: 'error', detail: `cannot be decided: ${error.message}` });
    }
  }
}

/** H2: a history that does not hold a tip that was seen before was rewritten. */
async function checkKnownTip(
  rules: readonly Rule[],
  repository: OpenRepository,
  log: FindingLog,
  { knownTip, signal }: AuditOptions,
): Promise<void> {
  const rule = rules.find(({ id }) => id === 'H2');
  if (knownTip === undefined || rule === undefined) return;
  const tell = log.tellFor(rule, {
    index: repository.totalCommits,
    commit: repository.tip,
    round: null,
    isAskedFor: true,
  });
  tell.looked();
  const isThere = await isInHistory(repository, knownTip, signal);
  if (isThere === true) return;
  const short = knownTip.slice(0, 12);
  tell.fault({
    detail:
      isThere === false
        ? `${short} was the tip once and is no part of this history: it was rewritten`
        : `${short} was the tip once and is not in this repository at all: the history was rewritten`,
  });
}

/** The rule of an id, or of a name. @throws AuditError `bad_option`. */
function ruleIdOf({ ruleNames }: AuditedCompetition, asked: string): string {
  const [id] = Object.entries(ruleNames).find(([one, { name }]) => one === asked || name === asked) ?? [];
  if (id === undefined)
    throw new AuditError({ code: 'bad_option', option: 'rule', detail: `there is no rule ${asked}` });
  return id;
}

function checkOptions({ rounds, knownTip }: AuditOptions): void {
  if (rounds?.some((round) => !Number.isInteger(round) || round < 0) === true) {
    throw new AuditError({ code: 'bad_option', option: 'round', detail: 'is a number from 0' });
  }
  if (knownTip !== undefined && !/^[0-9a-f]{40}$/.test(knownTip)) {
    throw new AuditError({ code: 'bad_option', option: 'known tip', detail: 'is not a full commit id' });
  }
}

async function sinceOf(repository: OpenRepository, { since, signal }: AuditOptions): Promise<CommitId | undefined> {
  if (since === undefined) return undefined;
  const id = await resolveCommit(repository.dir, since, signal);
  if (id === undefined) throw badSince(`${since} is no commit of this repository; give a commit's id`);
  if ((await isInHistory(repository, id, signal)) !== true) throw badSince(`${since} is no part of this history`);
  return id;
}

function badSince(detail: string): AuditError {
  return new AuditError({ code: 'bad_option', option: 'since', detail });
}
