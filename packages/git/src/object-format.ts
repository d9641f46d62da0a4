import { createHash, type Hash } from 'node:crypto';

/** A git object's full name (SHA-1, lower-case hex). */
export type ObjectId = string;

/** The kinds of object that the ledger reads and writes. */
export type ObjectType = 'blob' | 'tree' | 'commit';

/** An object as git hashes and stores it: `TYPE SIZE\0` and the content. */
export interface FramedObject {
  readonly id: ObjectId;
  readonly framed: Buffer;
}

/** Frames and names an object. */
export function frameObject(type: string, content: Buffer): FramedObject {
  const framed = Buffer.concat([Buffer.from(`${type} ${content.length}\0`, 'latin1'), content]);
  return { id: createHash('sha1').update(framed).digest('hex'), framed };
}

/** The name that git gives an object of this type and content, without copying the content. */
export function objectId(type: string, content: Buffer): ObjectId {
  return objectHash(type, content.length).update(content).digest('hex');
}

/** What names an object, once it has been fed the content. */
export function objectHash(type: string, sizeBytes: number): Hash {
  return createHash('sha1').update(`${type} ${sizeBytes}\0`, 'latin1');
}
