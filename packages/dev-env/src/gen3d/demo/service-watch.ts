import { setTimeout as sleep } from 'node:timers/promises';
import { type ManagedProcess, readLog } from '@tiltyard/processes';
import { z } from 'zod';
import type { NetworkService } from '../network/service-names.js';
import type { ServiceNews } from './demo-event.js';
import { announcedInShort } from './story/announced.js';
import type { NameBook } from './story/name-book.js';

const LOOK_MS = 400;
const TAIL_BYTES = 8 * 1024;

const LogLine = z.looseObject({ msg: z.string(), lines: z.array(z.string()).optional() });

/** Tells what each service last wrote into its log, whenever that changes, until the signal. */
export async function watchServices(
  services: ReadonlyMap<NetworkService, ManagedProcess>,
  names: NameBook,
  onNews: (news: ServiceNews) => void,
  signal: AbortSignal,
): Promise<void> {
  const last = new Map<NetworkService, string>();
  while (!signal.aborted) {
    for (const [service, { logFile }] of services) {
      const says = lastMessage(await readLog(logFile, TAIL_BYTES), names);
      if (says === undefined || says === last.get(service)) continue;
      last.set(service, says);
      onNews({ service, says });
    }
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** The message of the last whole line of a log that is one of ours; what a commit announced instead of "published". */
export function lastMessage(tail: string, names: NameBook): string | undefined {
  for (const line of tail.split('\n').reverse()) {
    const parsed = LogLine.safeParse(jsonOf(line));
    if (!parsed.success) continue;
    const { msg, lines } = parsed.data;
    return names.inText(lines === undefined ? msg : `${msg}: ${announcedInShort(lines, names)}`);
  }
  return undefined;
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // The tail begins within a line, and Node's own warnings are no JSON.
    return undefined;
  }
}
