import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { DINOV3_MODEL, fetchModel, importModel } from '@tiltyard/embed';
import { Secret, Sha256 } from '@tiltyard/schema';
import { CliError } from '../cli-error.js';
import { type ModelFolderOptions, modelFolder } from '../options/model-folder.js';
import type { Outcome } from '../outcome.js';
import { withProgress } from '../terminal/progress.js';
import { columns } from '../terminal/table.js';
import type { Terminal } from '../terminal/terminal.js';

export interface FetchModelCommandOptions extends ModelFolderOptions {
  readonly tokenFile?: string;
  readonly endpoint?: string;
}

/** Downloads the published DINOv3 weights with the user's own Hugging Face account; Meta's licence asks for one. */
export async function fetchModelFor(options: FetchModelCommandOptions, terminal: Terminal): Promise<Outcome> {
  const token = await huggingFaceToken(options, terminal);
  const installed = await withProgress(terminal, `Downloading ${DINOV3_MODEL.repository}`, (tell) =>
    fetchModel({
      dir: modelFolder(options, terminal),
      token,
      signal: terminal.signal,
      ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
      onProgress: ({ receivedBytes, totalBytes }) => tell(`${Math.floor((receivedBytes / totalBytes) * 100)} %`),
    }),
  );
  return told({ ...installed, pinned: true });
}

export interface ImportModelCommandOptions extends ModelFolderOptions {
  readonly sha256?: string;
}

/** Takes a model file into the model folder, after loading it. */
export async function importModelFrom(
  file: string,
  options: ImportModelCommandOptions,
  terminal: Terminal,
): Promise<Outcome> {
  const sha256 = options.sha256 === undefined ? undefined : Sha256.safeParse(options.sha256.toLowerCase());
  if (sha256?.success === false) throw new CliError({ code: 'usage', detail: '--sha256 is not a sha256 in hex.' });
  const dir = modelFolder(options, terminal);
  const imported = await withProgress(terminal, `Loading ${file}`, () =>
    importModel(path.resolve(terminal.cwd, file), { dir, ...(sha256 === undefined ? {} : { sha256: sha256.data }) }),
  );
  return told(imported);
}

/** The user's token; it never comes from the command line, where other users could read it. */
async function huggingFaceToken({ tokenFile }: FetchModelCommandOptions, terminal: Terminal): Promise<Secret> {
  if (tokenFile === undefined) return new Secret(terminal.environment.HF_TOKEN?.trim() ?? '');
  try {
    return new Secret((await readFile(path.resolve(terminal.cwd, tokenFile), 'utf8')).trim());
  } catch (cause) {
    throw new CliError({ code: 'file', path: tokenFile, detail: 'cannot be read' }, { cause });
  }
}

interface Installed {
  readonly modelFile: string;
  readonly sha256: string;
  readonly embedderId: string;
  readonly pinned: boolean;
}

function told({ modelFile, sha256, embedderId, pinned }: Installed): Outcome {
  const rows = [
    ['model', modelFile],
    ['sha256', `${sha256} (${pinned ? 'the published weights' : 'not the published weights'})`],
    ['embedder', embedderId],
  ];
  return { facts: { modelFile, sha256, embedderId, pinned }, text: columns(rows).join('\n') };
}
