#!/usr/bin/env node
// Writes the generated part of competition-state/: FORMAT.md and schemas/. A test fails when they are stale.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatPage, gen3d } from '../packages/schema/dist/gen3d/index.js';
import { formatReference } from '../packages/schema/dist/index.js';

const target = path.resolve(fileURLToPath(import.meta.url), '../../competition-state');
for (const [name, text] of formatReference(gen3d.files, formatPage)) {
  const file = path.join(target, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
  console.log(`wrote competition-state/${name}`);
}
