import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { counted } from '@tiltyard/schema';
import { stateFiles, stemOf } from '@tiltyard/schema/gen3d';
import { type Drawing, drawingOf } from '@tiltyard/service-kit/gen3d';
import { CliError } from '../../cli-error.js';
import { EXIT } from '../../exit-status.js';
import { readInput, writeOutput } from '../../files.js';
import type { RepositoryOptions } from '../../options/repository-options.js';
import type { Outcome } from '../../outcome.js';
import { plainText } from '../../terminal/plain-text.js';
import { withProgress } from '../../terminal/progress.js';
import { columns, indented } from '../../terminal/table.js';
import type { Terminal } from '../../terminal/terminal.js';
import { type PreflightRules, preflightRules } from './preflight-rules.js';
import { RendererWhenNeeded } from './renderer-when-needed.js';
import { fromAddress, fromFolder, type ReadSubmitted } from './submitted-file.js';

export interface PreflightOptions extends RepositoryOptions {
  readonly round?: number;
  readonly prompts?: string;
  readonly out?: string;
  readonly allowHost?: readonly string[];
}

/** What became of one prompt's file. */
interface FileVerdict {
  readonly stem: string;
  readonly ok: boolean;
  readonly code?: string;
  readonly message?: string;
  readonly sha256?: string;
  readonly bytes?: number;
}

/**
 * Checks a miner's files as the collector will: download, checks, render, by the rules of the round. Exit status 1 when
 * any file would be refused or is missing.
 */
export async function preflight(source: string, options: PreflightOptions, terminal: Terminal): Promise<Outcome> {
  const isAddress = /^https?:\/\//.test(source);
  const held = await preflightRules(options, terminal);
  const drawing = drawingOf(held.rules);
  const stems = await wantedStems(source, isAddress, held, options, terminal);
  // Files of no prompt would all be accepted.
  if (stems.length === 0)
    throw new CliError({ code: 'not_there', what: `prompt in ${options.prompts ?? 'the round'}` });
  const folder = path.resolve(terminal.cwd, source);
  const read = isAddress ? fromAddress(source, options.allowHost ?? []) : fromFolder(folder);
  if (options.out !== undefined) await mkdir(path.resolve(terminal.cwd, options.out), { recursive: true });
  return withProgress(terminal, `Checking ${source}`, async (tell) => {
    await using renderer = new RendererWhenNeeded();
    const verdicts: FileVerdict[] = [];
    for (const stem of stems) {
      tell(`${verdicts.length} of ${stems.length}: ${stem}`);
      verdicts.push(await checkFile(stem, { read, drawing, renderer, out: options.out, terminal }));
    }
    return told(verdicts, held, await renderer.describe());
  });
}

interface Check {
  readonly read: ReadSubmitted;
  readonly drawing: Drawing;
  readonly renderer: RendererWhenNeeded;
  readonly out: string | undefined;
  readonly terminal: Terminal;
}

async function checkFile(stem: string, { read, drawing, renderer, out, terminal }: Check): Promise<FileVerdict> {
  const file = await read(stem, drawing.limits.max_glb_bytes, terminal.signal);
  if (!file.ok) return { stem, ok: false, code: file.code, message: file.message };
  const { sha256, bytes } = file;
  const opened = await renderer.get();
  const drawn = await opened.render(bytes, { ...drawing, signal: terminal.signal });
  const facts = { stem, sha256, bytes: bytes.length };
  if (!drawn.ok) return { ...facts, ok: false, code: drawn.code, message: drawn.message };
  if (out !== undefined) await writeOutput(path.join(out, `${stem}.png`), drawn.grid, terminal);
  return { ...facts, ok: true };
}

/** The prompts that files are wanted for: those that the user names, else the round's, else whatever a folder holds. */
async function wantedStems(
  source: string,
  isAddress: boolean,
  { stems }: PreflightRules,
  { prompts }: PreflightOptions,
  terminal: Terminal,
): Promise<readonly string[]> {
  if (prompts !== undefined) {
    const text = (await readInput(prompts, stateFiles.prompts.maxBytes, terminal)).toString('utf8');
    return stateFiles.prompts.parse(text, prompts).map(stemOf);
  }
  if (stems !== undefined) return stems;
  if (isAddress) {
    const detail =
      "Which files? The round's prompts are not published yet, or no --remote is given: name --prompts FILE.";
    throw new CliError({ code: 'usage', detail });
  }
  const names = await readdir(path.resolve(terminal.cwd, source)).catch((cause: unknown) => {
    throw new CliError({ code: 'file', path: source, detail: 'not a folder that can be read' }, { cause });
  });
  const found = names.filter((name) => name.endsWith('.glb')).map((name) => name.slice(0, -'.glb'.length));
  if (found.length === 0) throw new CliError({ code: 'not_there', what: `.glb file in ${source}` });
  return found.sort();
}

/** Bounds are looked at last: nothing else was found wrong with such a file. */
const FIT_HINT =
  'An out_of_bounds file is only too large or off-centre: tiltyard fit FILE.glb FITTED.glb writes one that fits.';

function told(
  verdicts: readonly FileVerdict[],
  { round, rules }: PreflightRules,
  renderer: string | undefined,
): Outcome {
  const usable = verdicts.filter(({ ok }) => ok).length;
  const refused = verdicts.filter(({ ok }) => !ok);
  const sameRenderer = round === null || renderer === undefined ? null : rules.rendering.renderer === renderer;
  const by = round === null ? "the default rules (give --remote for a round's own)" : `the rules of round ${round}`;
  return {
    facts: { round, usable, prompts: verdicts.length, files: verdicts, renderer: renderer ?? null, sameRenderer },
    text: [
      `${usable} of ${counted(verdicts.length, 'file')} ${verdicts.length === 1 ? 'is' : 'are'} accepted by ${by}.`,
      ...indented(columns(refused.map(({ stem, code = '', message = '' }) => [stem, code, plainText(message)]))),
      ...(refused.some(({ code }) => code === 'out_of_bounds') ? [FIT_HINT] : []),
      ...(sameRenderer === false
        ? [`The round renders with ${rules.rendering.renderer}; here it was ${renderer}.`]
        : []),
    ].join('\n'),
    exitStatus: refused.length === 0 ? EXIT.ok : EXIT.no,
  };
}
