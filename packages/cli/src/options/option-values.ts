import { InvalidArgumentError } from 'commander';

/** A block number from the command line. */
export function parseBlock(text: string): number {
  return wholeNumber(text, 'a block number');
}

/** A round's number from the command line. */
export function parseRound(text: string): number {
  return wholeNumber(text, "a round's number");
}

/** A subnet's number from the command line. */
export function parseNetuid(text: string): number {
  return wholeNumber(text, "a subnet's number");
}

/** One more value of an option that may be repeated. */
export function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

function wholeNumber(text: string, what: string): number {
  const value = Number(text);
  if (!/^\d{1,15}$/.test(text) || !Number.isSafeInteger(value)) throw new InvalidArgumentError(`It is not ${what}.`);
  return value;
}
