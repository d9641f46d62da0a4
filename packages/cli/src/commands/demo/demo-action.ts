import { stat } from 'node:fs/promises';
import { type DemoFolder, type DemoWords, readDemoOptions, runDemo, type TellDemo } from '@tiltyard/dev-env/gen3d';
import { endProcesses } from '@tiltyard/processes';
import { CliError } from '../../cli-error.js';
import { EXIT } from '../../exit-status.js';
import type { Outcome } from '../../outcome.js';
import { plainText, plainTexts } from '../../terminal/plain-text.js';
import type { Terminal } from '../../terminal/terminal.js';
import { demoFacts } from './demo-facts.js';
import { type DemoProgress, linesOfProgress } from './demo-progress.js';
import { demoTables } from './demo-tables.js';

export interface DemoCommandOptions extends DemoWords {
  readonly json?: true;
}

/** Set by set-up, so that the demo can report the whole time. */
const SETUP_SECONDS = 'TILTYARD_SETUP_SECONDS';

/**
 * Runs the demo and tells its result. Exit status 1 when it did not end as it should.
 *
 * @throws DevEnvError `bad_option`, CliError `file`, and whatever broke the network
 */
export async function demo(words: DemoCommandOptions, terminal: Terminal): Promise<Outcome> {
  const setupSeconds = Number(terminal.environment[SETUP_SECONDS] ?? 0);
  const options = readDemoOptions(words, terminal.cwd, Number.isFinite(setupSeconds) ? setupSeconds : 0);
  await checkModels(options.models);
  const progress = await progressOn(terminal, words.json === true, options.rounds);
  let folder: DemoFolder | undefined;
  const tell: TellDemo = (event) => {
    if (event.kind === 'folder') folder = event.folder;
    progress.tell(event);
  };
  const forget = insist(terminal, () => folder);
  try {
    const result = await runDemo(options, tell, terminal.signal);
    await progress.close();
    const text = demoTables(plainTexts(result), terminal);
    // With --json the tables are for people only, who read standard error then.
    if (words.json === true) terminal.err(`${text}\n`);
    return { facts: demoFacts(result), text, exitStatus: result.ok ? EXIT.ok : EXIT.no };
  } catch (error) {
    await progress.close(error);
    if (folder !== undefined) terminal.err(`What is left of the demo, its logs first of all: ${folder.root}\n`);
    throw error;
  } finally {
    forget();
  }
}

/** Refuses a folder that is not there before a whole network has been started for it. */
export async function checkModels(folder: string | undefined): Promise<void> {
  if (folder === undefined) return;
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory() !== true) {
    throw new CliError({ code: 'file', path: folder, detail: 'not a folder that can be read' });
  }
}

/**
 * A live list where a person watches, plain lines elsewhere; on standard output unless that is for JSON. A terminal
 * without a size or without cursor movements (`TERM=dumb`) cannot show a live list.
 */
async function progressOn(terminal: Terminal, json: boolean, rounds: number): Promise<DemoProgress> {
  const stream = json ? process.stderr : process.stdout;
  if (stream.isTTY !== true || !(stream.columns > 0 && stream.rows > 0) || terminal.environment.TERM === 'dumb')
    return linesOfProgress((line) => {
      if (json) terminal.err(plainText(line));
      else terminal.out(plainText(line));
    });
  const { liveProgress } = await import('./demo-live-progress.js');
  return liveProgress(stream, rounds);
}

/**
 * Handles further interrupts during the shutdown: the first one prints a line, the next one ends everything at once.
 *
 * @returns stops listening
 */
export function insist({ err, onInsisted }: Terminal, folder: () => DemoFolder | undefined): () => void {
  let further = 0;
  return onInsisted(() => {
    further += 1;
    if (further === 1) err('tiltyard: still taking everything down; once more ends it at once\n');
    else void endAll(folder()).finally(() => process.exit(EXIT.interrupted));
  });
}

/** Without a folder nothing has been started yet. */
async function endAll(folder: DemoFolder | undefined): Promise<void> {
  if (folder !== undefined) await endProcesses(folder.root, { graceMs: 0 });
}
