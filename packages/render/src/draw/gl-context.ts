import { createRequire } from 'node:module';
import { RenderError } from '../render-error.js';

/** The part of a WebGL 2 context that is used besides three (whose own types need the DOM library). */
export interface GlContext {
  readonly VERSION: number;
  readonly FRAMEBUFFER: number;
  readonly RGBA: number;
  readonly UNSIGNED_BYTE: number;
  readonly NO_ERROR: number;
  readonly MAX_COMBINED_TEXTURE_IMAGE_UNITS: number;
  readonly TEXTURE0: number;
  readonly TEXTURE_2D: number;
  readonly TEXTURE_3D: number;
  readonly TEXTURE_2D_ARRAY: number;
  readonly TEXTURE_CUBE_MAP: number;
  canvas?: unknown;
  getParameter(name: number): unknown;
  getError(): number;
  activeTexture(unit: number): void;
  bindTexture(target: number, texture: null): void;
  getExtension(name: 'STACKGL_resize_drawingbuffer'): { resize(width: number, height: number): void } | null;
  getExtension(name: 'STACKGL_destroy_context'): { destroy(): void } | null;
  bindFramebuffer(target: number, framebuffer: null): void;
  readPixels(x: number, y: number, w: number, h: number, format: number, type: number, into: Uint8Array): void;
}

type CreateGl = (width: number, height: number, options: Readonly<Record<string, boolean>>) => GlContext | null;

/**
 * Creates a WebGL 2 context without a window or an X server: headless-gl, ANGLE, and whatever Vulkan driver the
 * environment selects (see `chooseDevice`; it must be set before the process makes its first context).
 *
 * @throws RenderError `context_unavailable`, saying what to install
 */
export function createGlContext(width: number, height: number): GlContext {
  let createGl: CreateGl;
  try {
    createGl = createRequire(import.meta.url)('gl') as CreateGl;
  } catch (cause) {
    const detail = `headless-gl does not load: ${whyNotLoaded(cause)}. Run "npm run setup".`;
    throw new RenderError({ code: 'context_unavailable', detail }, { cause });
  }
  const gl = createGl(width, height, {
    createWebGL2Context: true,
    preserveDrawingBuffer: true,
    alpha: true,
    depth: true,
    stencil: false,
  });
  if (!gl) {
    const icd = process.env.VK_ICD_FILENAMES ?? process.env.VK_DRIVER_FILES ?? 'none';
    const detail = `ANGLE found no Vulkan device (driver file: ${icd}). Run "npm run setup", which puts the system's libvulkan.so.1 next to headless-gl's addon; on Debian the packages mesa-vulkan-drivers and libvulkan1 must be installed.`;
    throw new RenderError({ code: 'context_unavailable', detail });
  }
  // headless-gl calls itself WebGL 1 in VERSION whatever it is, and three believes it.
  const getParameter = gl.getParameter.bind(gl);
  gl.getParameter = (name) => (name === gl.VERSION ? 'WebGL 2.0 (headless-gl)' : getParameter(name));
  return gl;
}

function whyNotLoaded(error: unknown): string {
  const { message, code } = error instanceof Error ? (error as NodeJS.ErrnoException) : { message: String(error) };
  if (message.includes('NODE_MODULE_VERSION')) return `it was built by another Node than ${process.version}`;
  if (code === 'MODULE_NOT_FOUND')
    return 'it was not built, which needs g++, make, python3 and the headers of this Node';
  return message.split('\n')[0] ?? '';
}
