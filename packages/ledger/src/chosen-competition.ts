import { isFile } from '@tiltyard/git';
import { CONFIG_PATH, type Competition, FormatError, isFault, namedCompetition } from '@tiltyard/schema';
import { asLedgerError } from './file-text.js';
import type { Clone } from './git/clone.js';
import { LedgerError } from './ledger-error.js';

/** The competition that a repository holds; or what tells it from the text of its config.json, undefined where there is none. */
export type CompetitionChoice<Writer extends string = string> =
  | Competition<Writer>
  | ((config: string | undefined) => Competition<Writer>);

const MAX_CONFIG_BYTES = 1024 * 1024;

/** The competition of a clone. @throws LedgerError `invalid` when its config.json names one that is not known. */
export async function chosenCompetition(
  clone: Clone,
  { competition, signal }: { readonly competition: CompetitionChoice; readonly signal?: AbortSignal },
): Promise<Competition> {
  if (typeof competition !== 'function') return competition;
  const config = await configText(clone).catch(async (error: unknown) => {
    if (!isFault(error, LedgerError, 'corrupt')) throw error;
    await clone.rebuild(error, signal);
    return await configText(clone);
  });
  try {
    return competition(config);
  } catch (error) {
    throw error instanceof FormatError ? asLedgerError(error) : error;
  }
}

/** Refuses the config.json of another competition. @throws LedgerError `invalid` naming the field. */
export function checkNamed(competition: Competition, config: string | undefined): void {
  const named = namedCompetition(config);
  if (named === undefined || named === competition.name) return;
  const detail = `is ${JSON.stringify(named).slice(0, 100)}, not ${competition.name}`;
  throw new LedgerError({ code: 'invalid', path: CONFIG_PATH, field: 'competition', detail, cause: undefined });
}

async function configText({ objects, known }: Clone): Promise<string | undefined> {
  try {
    const { tree } = await objects.commit(known);
    const entry = await objects.entryAt(tree, CONFIG_PATH);
    if (entry === undefined || !isFile(entry)) return undefined;
    return (await objects.blob(entry.id, MAX_CONFIG_BYTES, CONFIG_PATH)).toString('utf8');
  } catch (error) {
    // Every snapshot says so.
    if (isFault(error, LedgerError, 'malformed', 'too_large')) return undefined;
    throw error;
  }
}
