import { z } from 'zod';
import { STATE_FILES, type StateFileName } from './registry.js';
import type { StateFile } from './state-file.js';

/**
 * The format reference that every state repository carries: one JSON Schema a file, and a page for people.
 *
 * @returns file name (below the state repository's root) → text. Generated from the registry, never written by hand.
 */
export function formatReference(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const [name, file] of STATE_FILES) {
    if (file.codec.kind !== 'json') continue;
    files.set(schemaPath(name), `${JSON.stringify(jsonSchema(name, file), null, 2)}\n`);
  }
  files.set('FORMAT.md', page());
  return files;
}

function schemaPath(name: StateFileName): string {
  return `schemas/${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.schema.json`;
}

function jsonSchema(name: StateFileName, file: StateFile): object {
  const schema = z.toJSONSchema(file.codec.schema, { io: 'input', unrepresentable: 'any' });
  return { title: name, description: file.says, ...schema };
}

const CHANGE_TEXT: Readonly<Record<StateFile['change']['kind'], string>> = {
  transition: 'replaced along the legal edges of the stage machine',
  append: 'the old content is a prefix of the new',
  once: 'written once, never again',
  settle: 'a map whose settled entries never change and whose keys never vanish',
  report: 'replaced by its writer; nothing decides from it',
  manual: 'written by the operator',
};

function page(): string {
  const rows = STATE_FILES.map(([name, file]) => {
    const schema = file.codec.kind === 'json' ? `[schema](${schemaPath(name)})` : file.codec.kind;
    const stages = file.stages?.join(', ') ?? 'any';
    return `| \`${file.path.template}\`${file.ours ? ' \\*' : ''} | ${file.says} | ${file.writers.join(', ')} | ${stages} | ${file.change.kind} | ${schema} |`;
  });
  const changes = Object.entries(CHANGE_TEXT).map(([kind, text]) => `| \`${kind}\` | ${text} |`);
  return `# The files of this repository

Generated from the registry of state files; do not edit. JSON is indented by two spaces, numbers are the shortest
doubles that read back exactly, times are UTC ISO-8601, hotkeys are SS58 addresses. Readers ignore fields that they do
not know; new versions only add optional fields and files.

In paths, \`{round}\` is a number from 0, \`{side}\` a hotkey or \`leader\`, \`{left}\` the first ten characters of a
defender's hotkey or \`leader\`. Files marked \\* are Tiltyard's own.

| file | holds | writer | stages | change | form |
|---|---|---|---|---|---|
${rows.join('\n')}

How a file may change from one commit to the next:

| change | meaning |
|---|---|
${changes.join('\n')}

Every other change is refused by the services and reported by \`tiltyard audit\`.
`;
}
