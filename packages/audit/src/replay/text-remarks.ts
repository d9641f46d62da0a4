import type { Severity } from '@tiltyard/schema';

/** Something odd about a file's bytes, whatever they say. */
export interface TextRemark {
  readonly severity: Severity;
  readonly detail: string;
}

/** Files up to so many bytes may be as blank as they like. */
const SMALL_BYTES = 64 * 1024;
/** So small a share of other bytes no way of indenting gives. */
const LEAST_FILLED = 0.1;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
const UTF16_MARKS = [Buffer.from([0xff, 0xfe]), Buffer.from([0xfe, 0xff])];
const [TAB, LINE_FEED, CARRIAGE_RETURN, SPACE] = [0x09, 0x0a, 0x0d, 0x20];

/**
 * What is odd about a state file's bytes: marks and line ends that no service writes and that not every reader skips, and
 * blanks that make readers pay for nothing. Takes time in proportion to the file's size.
 */
export function textRemarks(content: Buffer): readonly TextRemark[] {
  const remarks: TextRemark[] = [];
  if (startsWith(content, BYTE_ORDER_MARK)) {
    remarks.push({ severity: 'warn', detail: 'begins with a byte-order mark (BOM), which not every reader skips' });
  }
  if (content.includes(CARRIAGE_RETURN)) {
    remarks.push({ severity: 'warn', detail: 'has Windows line ends (CRLF), where services write LF alone' });
  }
  const others = content.length > SMALL_BYTES ? countOthers(content, LEAST_FILLED * content.length) : undefined;
  if (others !== undefined) {
    const blanks = content.length - others;
    remarks.push({ severity: 'error', detail: `${blanks} of its ${content.length} bytes are blanks` });
  }
  return remarks;
}

/** Whether bytes begin as UTF-16 text does, which is no UTF-8. */
export function isUtf16(content: Buffer): boolean {
  return UTF16_MARKS.some((mark) => startsWith(content, mark));
}

function startsWith(content: Buffer, mark: Buffer): boolean {
  return content.subarray(0, mark.length).equals(mark);
}

/** How many bytes are no blanks; undefined as soon as there are enough of them: a usual file is not read to its end. */
function countOthers(content: Buffer, enough: number): number | undefined {
  let others = 0;
  // By index: a buffer's iterator takes many times as long.
  for (let at = 0; at < content.length; at += 1) {
    const byte = content[at];
    if (byte === SPACE || byte === LINE_FEED || byte === CARRIAGE_RETURN || byte === TAB) continue;
    others += 1;
    if (others >= enough) return undefined;
  }
  return others;
}
