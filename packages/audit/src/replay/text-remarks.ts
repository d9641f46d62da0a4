import type { Severity } from '@tiltyard/schema';

/** Something odd about a file's bytes, whatever they say. */
export interface TextRemark {
  readonly severity: Severity;
  readonly detail: string;
}

/** Files up to so many bytes may be as blank as they like. */
const SMALL_BYTES = 64 * 1024;
/** More blanks than any way of indenting gives. */
const MOST_BLANK = 0.9;
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
  const blanks = content.length > SMALL_BYTES ? countBlanks(content) : 0;
  if (blanks > MOST_BLANK * content.length) {
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

function countBlanks(content: Buffer): number {
  let blanks = 0;
  for (const byte of content) {
    if (byte === SPACE || byte === LINE_FEED || byte === CARRIAGE_RETURN || byte === TAB) blanks += 1;
  }
  return blanks;
}
