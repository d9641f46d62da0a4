import { createRequire } from 'node:module';
import type { GlContext } from './gl-context.js';

const GL_RENDERER = 0x1f01;

/**
 * What ANGLE says that it draws with, as in "ANGLE (Mesa, Vulkan 1.3.230 (llvmpipe (LLVM 15.0.6 256 bits)), llvmpipe)".
 *
 * headless-gl answers "ANGLE" through WebGL; its native half knows better.
 */
export function driverName(gl: GlContext): string {
  try {
    const native = createRequire(import.meta.url)('gl/src/javascript/native-gl.js') as {
      gl: { getParameter(name: number): unknown };
    };
    const name = native.gl.getParameter.call(gl, GL_RENDERER);
    return typeof name === 'string' && name.length > 0 ? name.slice(0, 300) : 'ANGLE';
  } catch {
    return 'ANGLE';
  }
}
