import { ObjectStream } from '@tiltyard/git';
import { FormatError, knownPathIn, parseCommitMessage } from '@tiltyard/schema';
import type { AuditedCompetition } from './audited-competition.js';
import { readTip } from './git/commit-list.js';
import type { OpenRepository } from './git/open-repository.js';
import type { Paths } from './git/paths.js';
import { READING } from './git/run-git.js';
import type { AuditOptions, Dialect } from './interfaces.js';
import type { Legacy } from './legacy.js';

/** What the paths of a repository are, in a competition's table and in the formats beside it. */
export function pathsOf({ files, folders, otherFile }: AuditedCompetition, legacy: Legacy | undefined): Paths {
  return { known: (path) => knownPathIn(files, path) ?? legacy?.path(path), other: otherFile, folders };
}

/** How a repository is read. Ours leaves traces that the reference does not: files of its own, and trailers. */
export async function dialectOf(
  competition: AuditedCompetition,
  { dir, tip }: OpenRepository,
  { dialect = 'auto', signal }: AuditOptions,
): Promise<Dialect> {
  const { legacy } = competition;
  if (legacy === undefined) return 'ours';
  if (dialect !== 'auto') return dialect;
  const { changes, message } = await readTip(dir, tip, pathsOf(competition, undefined), signal);
  if (changes.some(({ known }) => known.file.ours)) return 'ours';
  const config = changes.find(({ known }) => known.name === 'config');
  if (config?.newBlob != null && config.isFile) {
    const value = await readConfig(competition, { dir, blob: config.newBlob, signal });
    if (value !== undefined && legacy.isOurs(value)) return 'ours';
  }
  return parseCommitMessage(message, competition).service === undefined ? 'reference' : 'ours';
}

/** What config.json holds; undefined for one that cannot be read. */
async function readConfig(
  { files: { config } }: AuditedCompetition,
  { dir, blob, signal }: { readonly dir: string; readonly blob: string; readonly signal: AbortSignal | undefined },
): Promise<unknown> {
  await using objects = new ObjectStream(dir, { env: READING, limitBytes: config.maxBytes, signal });
  objects.ask(blob);
  objects.end();
  const answer = await objects.read();
  if (answer.kind !== 'object' || answer.type !== 'blob') return undefined;
  try {
    return config.parse(answer.content.toString('utf8'), 'config.json');
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}
