import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { CliError } from '../../cli-error.js';
import { TEMPLATE_FOLDER } from '../../template-folder.js';

/** Files of the template that every competition writes itself. */
const WRITTEN_BY_INIT: ReadonlySet<string> = new Set(['config.json', 'allowed_signers']);

/** The template's files that every state repository gets as they are, by path: README, FORMAT, schemas, build workflow. */
export async function templateFiles(): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for (const entry of await readdir(TEMPLATE_FOLDER, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const at = path.join(entry.parentPath, entry.name);
    const name = path.relative(TEMPLATE_FOLDER, at).split(path.sep).join('/');
    if (!WRITTEN_BY_INIT.has(name)) files.set(name, await readFile(at));
  }
  return files;
}

/** A file of the template as text. @throws CliError `file`. */
export async function templateText(name: 'config.json' | 'allowed_signers'): Promise<string> {
  try {
    return await readFile(path.join(TEMPLATE_FOLDER, name), 'utf8');
  } catch (cause) {
    throw new CliError({ code: 'file', path: path.join(TEMPLATE_FOLDER, name), detail: 'cannot be read' }, { cause });
  }
}
