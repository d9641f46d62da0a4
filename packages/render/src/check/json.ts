import type { z } from 'zod';
import { type GlbFault, GlbRefused } from '../glb-fault.js';
import { GLB_CAPS } from '../limits.js';
import {
  type GltfEntry,
  type GltfListName,
  type GltfLists,
  gltfEntries,
  gltfHead,
  type ListTooLong,
} from './gltf-schema.js';

const LIST_CAPS: Readonly<Record<Exclude<GltfListName, 'images'>, number>> = {
  scenes: GLB_CAPS.nodes,
  nodes: GLB_CAPS.nodes,
  meshes: GLB_CAPS.primitives,
  accessors: GLB_CAPS.accessors,
  bufferViews: GLB_CAPS.bufferViews,
  buffers: GLB_CAPS.bufferViews,
  materials: GLB_CAPS.materials,
  textures: GLB_CAPS.textures,
  samplers: GLB_CAPS.samplers,
  skins: GLB_CAPS.skins,
};

/** A document whose entries are parsed one by one, when something drawn refers to them. */
export interface GltfReader {
  readonly head: z.output<typeof gltfHead>;
  /**
   * Parses an entry of a list, once.
   *
   * @returns Undefined where the list has no such entry.
   * @throws GlbRefused the code of a list whose entry does not parse
   */
  read<L extends GltfListName>(list: L, index: number): GltfEntry<L> | undefined;
  /** Every list, with the entries that were read. */
  readonly lists: GltfLists;
}

/**
 * Opens a GLB's JSON chunk. Entries of its lists are only looked at when they are read.
 *
 * Lists are capped at once, so that the cost is bounded.
 *
 * @throws GlbRefused `bad_json`, `too_complex`, `too_many_images`
 */
export function openGltfJson(chunk: Uint8Array): GltfReader {
  const json = parseJson(chunk);
  checkListSizes(json);
  const head = parsed(gltfHead, json, []);
  const raw = {} as Record<GltfListName, readonly unknown[]>;
  const lists = {} as Record<GltfListName, unknown[]>;
  for (const list of Object.keys(gltfEntries) as GltfListName[]) {
    const entries = json[list] ?? [];
    if (!Array.isArray(entries)) throw new GlbRefused(faultAt([list], 'is not a list'));
    raw[list] = entries;
    lists[list] = new Array(entries.length).fill(undefined);
  }
  return {
    head,
    read: <L extends GltfListName>(list: L, index: number) => {
      if (!(index >= 0 && index < raw[list].length)) return undefined;
      lists[list][index] ??= parsed<unknown>(gltfEntries[list], raw[list][index], [list, index]);
      return lists[list][index] as GltfEntry<L>;
    },
    lists: lists as unknown as GltfLists,
  };
}

/** @throws GlbRefused */
function parsed<T>(schema: z.ZodType<T>, value: unknown, path: readonly PropertyKey[]): T {
  const result = tried(schema, value);
  if (result?.success) return result.data;
  const issue = result?.error.issues[0];
  const at = [...path, ...(issue?.path ?? [])];
  if (issue?.code === 'custom' && issue.params) {
    const { count, limit } = issue.params as ListTooLong;
    throw new GlbRefused({ code: 'too_complex', what: `entries of ${placeOf(at)}`, count, limit });
  }
  throw new GlbRefused(faultAt(at, issue?.message ?? 'has too many mistakes to list'));
}

/** @returns Undefined where zod's list of issues outgrew its stack: it passes them on as arguments. */
function tried<T>(schema: z.ZodType<T>, value: unknown): z.ZodSafeParseResult<T> | undefined {
  try {
    return schema.safeParse(value);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** @throws GlbRefused `bad_json` */
export function parseJson(chunk: Uint8Array): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(chunk));
  } catch (error) {
    const detail = error instanceof Error ? error.message.slice(0, 200) : 'does not parse';
    throw new GlbRefused({ code: 'bad_json', where: 'the JSON chunk', detail });
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new GlbRefused({ code: 'bad_json', where: 'the JSON chunk', detail: 'is not an object' });
  }
  return json as Record<string, unknown>;
}

function checkListSizes(json: Readonly<Record<string, unknown>>): void {
  for (const [list, limit] of Object.entries(LIST_CAPS)) {
    const entries = json[list];
    if (Array.isArray(entries) && entries.length > limit) {
      throw new GlbRefused({ code: 'too_complex', what: list, count: entries.length, limit });
    }
  }
  if (Array.isArray(json.images) && json.images.length > GLB_CAPS.images) {
    throw new GlbRefused({ code: 'too_many_images', count: json.images.length, limit: GLB_CAPS.images });
  }
}

/** The code that a reader expects for a place: a mangled accessor is a bad accessor, not just bad JSON. */
function faultAt(path: readonly PropertyKey[], reason: string): GlbFault {
  const where = placeOf(path);
  switch (path[0]) {
    case 'accessors':
      return { code: 'bad_accessor', where, detail: reason };
    case 'buffers':
    case 'bufferViews':
      return { code: 'bad_buffer', where, detail: reason };
    case 'images':
      return { code: 'bad_image', where, detail: reason };
    default:
      return { code: 'bad_json', where: where || 'the top level', detail: reason };
  }
}

function placeOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text ? `${text}.${String(key).slice(0, 100)}` : String(key).slice(0, 100);
  }, '');
}
