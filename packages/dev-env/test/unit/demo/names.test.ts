import { LEADER } from '@tiltyard/schema';
import { describe, expect, it } from 'vitest';
import { lastMessage } from '../../../src/gen3d/demo/service-watch.js';
import { announcedInShort } from '../../../src/gen3d/demo/story/announced.js';
import { nameBook } from '../../../src/gen3d/demo/story/name-book.js';
import { hotkeyOf } from '../../support/sample-round.js';

const cheat = hotkeyOf('cheat');
const names = nameBook([{ name: 'cheat', hotkey: cheat }]);

describe('names for hotkeys', () => {
  it('stand for long and short ones in any text, and leave strangers as they are', () => {
    const stranger = hotkeyOf('stranger').slice(0, 10);
    expect(names.inText(`leader vs ${cheat.slice(0, 10)}, not ${stranger} (${cheat})`)).toBe(
      `leader vs cheat, not ${stranger} (cheat)`,
    );
    expect(names.nameOf(LEADER)).toBe('leader');
    expect(names.nameOf(hotkeyOf('stranger'))).toBe(stranger);
  });
});

describe('what a commit announces, in short', () => {
  it('puts announcements of one kind together and leaves bookkeeping out', () => {
    const short = cheat.slice(0, 10);
    expect(
      announcedInShort(
        [
          `Match report: leader vs ${short}`,
          `Match report: ${short} vs 5abcdefghi`,
          'Update matches matrix for round 0',
        ],
        names,
      ),
    ).toBe('match leader v cheat, cheat v 5abcdefghi');
    expect(announcedInShort(['Update matches matrix for round 0'], names)).toBe('matrix');
  });

  it('passes on what is outside the grammar', () => {
    expect(announcedInShort(['9 miners commit their submissions'], names)).toBe('9 miners commit their submissions');
  });
});

describe("a service's last message", () => {
  it('is that of the last line that is one of ours', () => {
    const tail = [
      'half a line"}',
      JSON.stringify({ msg: 'started' }),
      JSON.stringify({ msg: 'published', lines: ['Round 0: duels'] }),
      '(node:1) MaxListenersExceededWarning: …',
      '',
    ].join('\n');
    expect(lastMessage(tail, names)).toBe('published: to duels');
    expect(lastMessage('nothing of ours', names)).toBeUndefined();
  });
});
