import { type GlbFault, GlbRefused } from '../glb-fault.js';
import { GLB_CAPS } from '../limits.js';
import { type Gltf, gltfSchema } from './gltf-schema.js';

const LIST_CAPS: Readonly<Record<string, number>> = {
  nodes: GLB_CAPS.nodes,
  scenes: GLB_CAPS.nodes,
  meshes: GLB_CAPS.primitives,
  accessors: GLB_CAPS.accessors,
  bufferViews: GLB_CAPS.bufferViews,
  buffers: GLB_CAPS.bufferViews,
  materials: GLB_CAPS.materials,
  textures: GLB_CAPS.textures,
  samplers: GLB_CAPS.samplers,
  skins: GLB_CAPS.skins,
};

/**
 * Parses a GLB's JSON chunk into the part of glTF that is rendered.
 *
 * Lists are capped before their entries are looked at, so that the cost is bounded.
 *
 * @throws GlbRefused `bad_json`, `too_complex`, `too_many_images`, or the code of the list that does not parse
 */
export function parseGltfJson(chunk: Uint8Array): Gltf {
  const json = parse(chunk);
  checkListSizes(json);
  const parsed = parseSchema(json);
  if (parsed?.success) return parsed.data;

  const issue = parsed?.error.issues[0];
  throw new GlbRefused(faultAt(issue?.path ?? [], issue?.message ?? 'has too many mistakes to list'));
}

/** @returns Undefined where zod's list of issues outgrew its stack: it passes them on as arguments. */
function parseSchema(json: unknown): ReturnType<typeof gltfSchema.safeParse> | undefined {
  try {
    return gltfSchema.safeParse(json);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function parse(chunk: Uint8Array): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(chunk));
  } catch (error) {
    const reason = error instanceof Error ? error.message.slice(0, 200) : 'does not parse';
    throw new GlbRefused({ code: 'bad_json', where: 'the JSON chunk', reason });
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new GlbRefused({ code: 'bad_json', where: 'the JSON chunk', reason: 'is not an object' });
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
  const where = path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text ? `${text}.${String(key).slice(0, 100)}` : String(key).slice(0, 100);
  }, '');
  switch (path[0]) {
    case 'accessors':
      return { code: 'bad_accessor', where, reason };
    case 'buffers':
    case 'bufferViews':
      return { code: 'bad_buffer', where, reason };
    case 'images':
      return { code: 'bad_image', where, reason };
    default:
      return { code: 'bad_json', where: where || 'the top level', reason };
  }
}
