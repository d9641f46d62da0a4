import { isFields, type OtherContent } from './other-format.js';

/** A side as the formats name it. A plain pattern: every row of every matrix is looked at. */
const SIDE = /^(?:leader|[1-9A-HJ-NP-Za-km-z]{46,48})$/;
/** Made-up miners, and the ten characters that the first tests knew miners by. */
const TEST_NAME = /^(?:[1-9A-HJ-NP-Za-km-z]{10}|5Test[0-9A-Za-z]{1,60}|fake|generated)$/;

/** State files about miners that have no hotkeys. */
export const TEST_CONTENTS: readonly OtherContent[] = [
  {
    id: 'test-hotkeys',
    era: 'tests',
    files: [
      ...(['submissions', 'builds', 'generationAudits', 'auditRequests', 'matchReport', 'matchMatrix'] as const),
      ...(['generationReports'] as const),
    ],
    what: 'state files about miners whose names are no hotkeys',
    says: 'miners that were made up, or are named by ten characters as in the first tests: not derived again',
    isRead: false,
    fits: (content) => {
      const others = namesOf(content).filter((name) => !SIDE.test(name));
      return others.length > 0 && others.every((name) => TEST_NAME.test(name));
    },
  },
];

/** What stands in a file where hotkeys should, as far as its shape is known. */
function namesOf(content: unknown): readonly string[] {
  if (typeof content === 'string') return content.split(/\r?\n/).slice(1).flatMap(rowNames);
  const names = isFields(content) && 'duels' in content ? [content.left, content.right] : keysOf(content);
  return names.filter((name) => typeof name === 'string');
}

function rowNames(row: string): readonly string[] {
  const cells = row.split(',');
  return cells.length === 3 ? cells.slice(0, 2) : [];
}

function keysOf(content: unknown): readonly unknown[] {
  if (Array.isArray(content)) return content.map((entry: unknown) => (isFields(entry) ? entry.hotkey : undefined));
  return isFields(content) ? Object.keys(content) : [];
}
