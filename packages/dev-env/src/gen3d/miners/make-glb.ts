import { createHash } from 'node:crypto';
import { type Flaws, QUALITIES } from '../objects/flaws.js';
import type { ObjectSource } from '../objects/object-source.js';
import { sampleObjects } from '../objects/sample-object-source.js';
import { CHARACTERS, type CharacterName, type Product } from './characters.js';

/** What a file is made for: the miner's CDN, or the audit of its container. */
export type Role = 'submitted' | 'container';

export interface MakeGlbRequest {
  readonly character: CharacterName;
  readonly role: Role;
  readonly source: ObjectSource;
  /** The object that the prompt shows. */
  readonly object: string;
  /** The round's seed. */
  readonly seed: number;
}

/** How much two makings of one file differ, in units of the cube's edge: what a GPU's arithmetic might do. */
const WOBBLE = 1e-4;

/**
 * Makes what a character makes of an object. The same request gives the same bytes; a character that makes the same
 * product in both roles makes it with another wobble, so that the files differ and the pictures hardly do.
 *
 * @returns undefined where the character makes nothing in that role: it copies, attacks, or is absent.
 * @throws SampleError `unknown_object`
 */
export async function makeGlb(request: MakeGlbRequest): Promise<Uint8Array | undefined> {
  const { submits, regenerates } = CHARACTERS[request.character];
  const product = request.role === 'container' ? regenerates : submits;
  if (product === 'nothing' || product === 'attacks' || product === 'copies') return undefined;
  const wobbleSeed = `${request.seed}/${request.character}/${request.role}/${request.object}`;
  if (product === 'another_object') {
    return sampleObjects.make(anotherObject(request.object), wobbling(QUALITIES.good), wobbleSeed);
  }
  return request.source.make(request.object, wobbling(QUALITIES[product satisfies Product]), wobbleSeed);
}

function wobbling(flaws: Flaws): Flaws {
  return { ...flaws, wobble: WOBBLE };
}

/** A sample object that is not the asked one, always the same for one name. */
function anotherObject(object: string): string {
  const others = sampleObjects.names.filter((name) => name !== object);
  const pick = createHash('sha256').update(object).digest().readUInt32BE(0) % others.length;
  return others[pick] ?? object;
}
