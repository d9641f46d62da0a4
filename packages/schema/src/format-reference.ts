import { z } from 'zod';
import { formatPage } from './format-page.js';
import { STATE_FILES, type StateFileName } from './gen3d/registry.js';
import type { StateFile } from './state-file.js';

/**
 * The format reference that every state repository carries: one JSON Schema a file, and a page for people.
 *
 * @returns file name (below the state repository's root) → text. Generated from the registry, never written by hand.
 */
export function formatReference(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  const schemas = new Map<StateFileName, object>();
  for (const [name, file] of STATE_FILES) {
    if (file.codec.kind !== 'json') continue;
    const schema = jsonSchema(name, file);
    schemas.set(name, schema);
    files.set(schemaPath(name), `${JSON.stringify(schema, null, 2)}\n`);
  }
  files.set('FORMAT.md', formatPage(schemas, schemaPath));
  return files;
}

function schemaPath(name: StateFileName): string {
  return `schemas/${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.schema.json`;
}

/** What services write. Older shapes that are only read (see the page) are not part of it. */
function jsonSchema(name: StateFileName, file: StateFile): object {
  const schema = z.toJSONSchema(file.codec.schema, { io: 'input', unrepresentable: 'any' });
  return { title: name, description: file.says, ...schema };
}
