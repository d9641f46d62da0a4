import { Writable } from 'node:stream';
import { pino } from 'pino';
import type { Logger } from '../../src/logger.js';
import { logNotices, type Notices } from '../../src/notices.js';

/** A service's log whose lines are kept, and notices that go to it, every repeat of them. */
export interface ListeningLog {
  readonly log: Logger;
  readonly notices: Notices;
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  /** The notices sent so far, by key. */
  sent(key: string | RegExp): readonly { readonly title: string; readonly detail: string; readonly level: string }[];
}

export function listeningLog(): ListeningLog {
  const lines: Record<string, unknown>[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(JSON.parse(chunk.toString()));
      done();
    },
  });
  const log = pino({ level: 'trace', formatters: { level: (label) => ({ level: label }) } }, stream);
  return {
    log,
    notices: logNotices(log, 0),
    lines,
    sent: (key) =>
      lines
        .filter(({ notice }) => (typeof key === 'string' ? notice === key : key.test(String(notice ?? ''))))
        .map(({ msg, detail, level }) => ({ title: String(msg), detail: String(detail), level: String(level) })),
  };
}
