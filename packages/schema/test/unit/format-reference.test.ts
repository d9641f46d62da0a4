import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { formatPage, gen3d } from '../../src/gen3d/index.js';
import { formatReference } from '../../src/index.js';

const folder = path.resolve(fileURLToPath(import.meta.url), '../../../../../competition-state');

describe('the format reference', () => {
  it.each([...formatReference(gen3d.files, formatPage)])(
    'of competition-state/%s is fresh (node scripts/generate-format-reference.mjs)',
    (name, text) => {
      expect(readFileSync(path.join(folder, name), 'utf8')).toBe(text);
    },
  );
});
