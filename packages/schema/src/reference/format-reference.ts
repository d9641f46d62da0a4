import { z } from 'zod';
import type { AnyStateFile, StateFileTable } from '../state-file.js';

/** Writes FORMAT.md, from the JSON Schema of every JSON file and where a file's schema lies, as a link from the page. */
export type FormatPage = (schemas: ReadonlyMap<string, object>, schemaPath: (name: string) => string) => string;

/**
 * The format reference that every state repository carries: one JSON Schema a file, and a page for people.
 *
 * @returns file name (below the state repository's root) → text. Generated from the table, never written by hand.
 */
export function formatReference(files: StateFileTable, page: FormatPage): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  const schemas = new Map<string, object>();
  for (const [name, file] of Object.entries(files)) {
    if (file.codec.kind !== 'json') continue;
    const schema = jsonSchema(name, file);
    schemas.set(name, schema);
    texts.set(schemaPath(name), `${JSON.stringify(schema, null, 2)}\n`);
  }
  texts.set('FORMAT.md', page(schemas, schemaPath));
  return texts;
}

function schemaPath(name: string): string {
  return `schemas/${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.schema.json`;
}

/** What services write. Older shapes that are only read (see the page) are not part of it. */
function jsonSchema(name: string, file: AnyStateFile): object {
  const schema = z.toJSONSchema(file.codec.schema, { io: 'input', unrepresentable: 'any' });
  return { title: name, description: file.says, ...schema };
}
