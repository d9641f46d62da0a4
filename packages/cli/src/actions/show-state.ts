import type { Snapshot } from '@tiltyard/ledger';
import type { StateFile } from '@tiltyard/schema';
import { type KnownPath, knownPath, STATE_FILES, stateFiles } from '@tiltyard/schema/gen3d';
import { CliError } from '../cli-error.js';
import { openRepository } from '../open-repository.js';
import type { RepositoryOptions } from '../options/repository-options.js';
import type { Outcome } from '../outcome.js';
import { plainText } from '../terminal/plain-text.js';
import { columns } from '../terminal/table.js';
import type { Terminal } from '../terminal/terminal.js';

export interface ShowStateOptions extends RepositoryOptions {
  readonly round?: number;
  readonly miner?: string;
  readonly against?: string;
}

/** Shows one state file, parsed and checked by its schema; without a name, lists the files that there are. */
export async function showState(
  wanted: string | undefined,
  options: ShowStateOptions,
  terminal: Terminal,
): Promise<Outcome> {
  await using ledger = await openRepository(options, terminal);
  const snapshot = await ledger.snapshot(terminal.signal);
  if (wanted === undefined) return await listFiles(snapshot, options);
  const known = knownPath(wanted) ?? (await findByName(snapshot, wanted, options));
  const path = known.file.path.format(known.params as never);
  const value: unknown = await snapshot.readFile(known.file, path);
  if (value === undefined) throw new CliError({ code: 'not_there', what: `${path} at ${snapshot.commit}` });
  return { facts: { commit: snapshot.commit, path, value }, text: plainText(textOf(known.file, value)) };
}

async function listFiles(snapshot: Snapshot, { round, miner }: ShowStateOptions): Promise<Outcome> {
  const files: { path: string; name: string; says: string }[] = [];
  for (const [name, file] of STATE_FILES) {
    for (const { path, params } of await snapshot.list(file)) {
      const at = params as KnownPath['params'];
      if (round !== undefined && at.round !== round) continue;
      if (miner !== undefined && at.side?.startsWith(miner) !== true) continue;
      files.push({ path, name, says: file.says });
    }
  }
  if (files.length === 0) {
    const ofRound = round === undefined ? '' : ` of round ${round}`;
    const ofMiner = miner === undefined ? '' : ` of ${miner}`;
    throw new CliError({ code: 'not_there', what: `state file${ofMiner}${ofRound} at ${snapshot.commit}` });
  }
  files.sort((a, b) => a.path.localeCompare(b.path, 'en', { numeric: true }));
  return {
    facts: { commit: snapshot.commit, files },
    text: columns(files.map(({ path, name }) => [path, name])).join('\n'),
  };
}

/** A file by its name in the registry or by its file name, with the round, miner and defender that are meant. */
async function findByName(snapshot: Snapshot, wanted: string, options: ShowStateOptions): Promise<KnownPath> {
  const candidates = STATE_FILES.filter(([name, file]) => isNamed(wanted, name, file));
  const ofRound = candidates.find(([, file]) => file.path.template.includes('{round}'));
  // A name of the registry means one file. prompts.txt is the pool's and every round's: the option tells which.
  const byName = candidates.find(([name]) => name === wanted);
  const found = byName ?? (options.round !== undefined && ofRound !== undefined ? ofRound : candidates[0]);
  if (found === undefined) {
    const names = STATE_FILES.map(([name]) => name).join(', ');
    throw new CliError({ code: 'usage', detail: `"${wanted}" is no state file: give a path, or one of ${names}.` });
  }
  const [name, file] = found;
  const { template } = file.path;
  const round = template.includes('{round}') ? (options.round ?? (await currentRound(snapshot))) : undefined;
  const listed = await snapshot.list(file, round === undefined ? {} : ({ round } as never));
  const fitting = listed.filter(({ params }) => fits(params as KnownPath['params'], options));
  const [only] = fitting;
  if (only === undefined) {
    const where = round === undefined ? '' : ` of round ${round}`;
    const narrowed = options.miner === undefined && options.against === undefined ? '' : ' with these options';
    throw new CliError({ code: 'not_there', what: `${fileName(template)}${where}${narrowed} at ${snapshot.commit}` });
  }
  if (fitting.length > 1) {
    const paths = fitting.map(({ path }) => path).join(', ');
    throw new CliError({ code: 'usage', detail: `Which one? Narrow it with --miner or --against: ${paths}` });
  }
  return { name, file, params: only.params as KnownPath['params'] };
}

function isNamed(wanted: string, name: string, { path: { template } }: StateFile): boolean {
  const last = fileName(template);
  return [name, last, last.replace(/\.\w+$/, '')].includes(wanted);
}

function fileName(template: string): string {
  return template.slice(template.lastIndexOf('/') + 1);
}

function fits({ side, left }: KnownPath['params'], { miner, against }: ShowStateOptions): boolean {
  if (side !== undefined && miner !== undefined && !side.startsWith(miner)) return false;
  return left === undefined || against === undefined || left === against.slice(0, left.length);
}

async function currentRound(snapshot: Snapshot): Promise<number> {
  const state = await snapshot.read(stateFiles.state);
  if (state === undefined) throw new CliError({ code: 'not_there', what: `state.json at ${snapshot.commit}` });
  return state.current_round;
}

/** A parsed value for people: tables as columns, lists of lines as lines, the rest as indented JSON. */
function textOf(file: StateFile, value: unknown): string {
  const { template } = file.path;
  if (template.endsWith('.csv')) {
    const rows = value as readonly Readonly<Record<string, unknown>>[];
    const header = Object.keys(rows[0] ?? {});
    return columns([header, ...rows.map((row) => header.map((column) => String(row[column])))]).join('\n');
  }
  if (Array.isArray(value) && !template.endsWith('.json')) return value.join('\n');
  return JSON.stringify(value, null, 2);
}
