import { type Hotkey, LEADER, type Side, shortName } from '@tiltyard/schema';

/** Who is who: sample miners' names for hotkeys, which say nothing to a person. */
export interface NameBook {
  /** A miner's name, its short hotkey where the miner is a stranger, and `leader` for the side that defends the round. */
  nameOf(side: Side): string;
  /** A text with every hotkey in it, long or short, replaced by its name. */
  inText(text: string): string;
}

const HOTKEY_LIKE = /\b[1-9A-HJ-NP-Za-km-z]{10}(?:[1-9A-HJ-NP-Za-km-z]{36,38})?\b/g;

/** Opens the book of some miners. */
export function nameBook(miners: readonly { readonly name: string; readonly hotkey: Hotkey }[]): NameBook {
  const names = new Map(miners.flatMap(({ name, hotkey }) => [hotkey, shortName(hotkey)].map((key) => [key, name])));
  return {
    nameOf: (side) => (side === LEADER ? LEADER : (names.get(side) ?? shortName(side))),
    inText: (text) => text.replace(HOTKEY_LIKE, (found) => names.get(found) ?? found),
  };
}
