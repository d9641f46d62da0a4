import type { OtherFormat } from '../other-format.js';

/** How git reads the repository, and what its host runs for it: W6 tells of each change. */
export const MACHINERY: OtherFormat = {
  id: 'machinery',
  era: 'unknown',
  what: '.github/… and .git…',
  says: 'what runs for the repository, and how git reads it',
  isRead: false,
};

/** Whether a path is of these. */
export function isMachinery(path: string): boolean {
  return path.startsWith('.git');
}
