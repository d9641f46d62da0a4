import { FaultError } from '@tiltyard/schema';

/**
 * Why a GLB was refused. Always the file's own fault: rendering it again gives the same answer.
 *
 * `where` names the place in the file's JSON, as in `images[2].uri`.
 */
export type GlbFault =
  | { readonly code: 'not_glb'; readonly detail: string }
  | { readonly code: 'bad_json'; readonly where: string; readonly detail: string }
  | { readonly code: 'external_uri'; readonly where: string; readonly uri: string }
  | { readonly code: 'bad_buffer'; readonly where: string; readonly detail: string }
  | { readonly code: 'bad_accessor'; readonly where: string; readonly detail: string }
  | { readonly code: 'index_range'; readonly where: string; readonly index: number; readonly vertices: number }
  | { readonly code: 'non_finite'; readonly where: string }
  | { readonly code: 'degenerate'; readonly detail: string }
  | { readonly code: 'no_mesh'; readonly detail: string }
  | { readonly code: 'no_scene'; readonly detail: string }
  | { readonly code: 'too_large'; readonly bytes: number; readonly limit: number }
  | { readonly code: 'too_complex'; readonly what: string; readonly count: number; readonly limit: number }
  | { readonly code: 'too_many_meshes'; readonly count: number; readonly limit: number }
  | { readonly code: 'too_many_images'; readonly count: number; readonly limit: number }
  | { readonly code: 'image_too_large'; readonly where: string; readonly pixels: number; readonly limit: number }
  | { readonly code: 'image_format'; readonly where: string; readonly format: string }
  | { readonly code: 'bad_image'; readonly where: string; readonly detail: string }
  | { readonly code: 'node_cycle'; readonly where: string }
  | { readonly code: 'unsupported_extension'; readonly extension: string }
  | { readonly code: 'out_of_bounds'; readonly bounds: Bounds; readonly limit: number }
  | { readonly code: 'timeout'; readonly deadlineMs: number };

/** The codes of `GlbFault`, as they are published in `submitted.json`. */
export type GlbFaultCode = GlbFault['code'];

/** An axis-aligned box in scene units: `[x, y, z]` of both corners. */
export interface Bounds {
  readonly min: readonly [number, number, number];
  readonly max: readonly [number, number, number];
}

/** Carries a `GlbFault` out of a check. It never leaves the package: callers get the fault as a result. */
export class GlbRefused extends FaultError<GlbFault> {
  override readonly name = 'GlbRefused';
  constructor(fault: GlbFault) {
    super(fault, describeGlbFault(fault));
  }
}

/** Says a fault in one line that its author can act on. The text holds at most a few hundred characters of the file. */
export function describeGlbFault(fault: GlbFault): string {
  switch (fault.code) {
    case 'not_glb':
      return `not a GLB file: ${fault.detail}`;
    case 'bad_json':
      return `the glTF JSON is not valid at ${fault.where}: ${fault.detail}`;
    case 'external_uri':
      if (fault.uri.startsWith('data:')) {
        return `${fault.where} is a data: URI; only a PNG, JPEG, WebP or KTX2 of a few kilobytes may be one, all else must be in the binary chunk`;
      }
      return `${fault.where} refers outside the file (${fault.uri}); everything must be in the binary chunk`;
    case 'bad_buffer':
      return `${fault.where} ${fault.detail}`;
    case 'bad_accessor':
      return `${fault.where} ${fault.detail}`;
    case 'index_range':
      return `${fault.where} has index ${fault.index}, but there are ${fault.vertices} vertices`;
    case 'non_finite':
      return `${fault.where} holds NaN or infinite numbers`;
    case 'degenerate':
      return `there is nothing to see: ${fault.detail}`;
    case 'no_mesh':
      return `there is no mesh to render: ${fault.detail}`;
    case 'no_scene':
      return `there is no scene to render: ${fault.detail}`;
    case 'too_large':
      return `the file has ${fault.bytes} bytes, at most ${fault.limit} are allowed`;
    case 'too_complex':
      return `the file is too complex: ${fault.what} ${fault.count}, at most ${fault.limit} allowed`;
    case 'too_many_meshes':
      return `the scene has ${fault.count} meshes, at most ${fault.limit} allowed`;
    case 'too_many_images':
      return `the file has ${fault.count} images, at most ${fault.limit} allowed`;
    case 'image_too_large':
      return `${fault.where} has ${fault.pixels} pixels, at most ${fault.limit} allowed`;
    case 'image_format':
      return `${fault.where} is ${fault.format}; allowed are PNG, JPEG, still WebP and KTX2 (Basis Universal)`;
    case 'bad_image':
      return `${fault.where} cannot be decoded: ${fault.detail}`;
    case 'node_cycle':
      return `${fault.where} is its own ancestor or has two parents`;
    case 'unsupported_extension':
      return `the file requires the glTF extension ${fault.extension}, which is not supported`;
    case 'out_of_bounds': {
      const { min, max } = fault.bounds;
      const box = [0, 1, 2].map((axis) => `${(min[axis] ?? 0).toFixed(3)}..${(max[axis] ?? 0).toFixed(3)}`).join(', ');
      return `the mesh reaches outside ±${fault.limit}: x, y, z span ${box}`;
    }
    case 'timeout':
      return `rendering the file took longer than ${fault.deadlineMs} ms`;
  }
}
