import { NoToneMapping, PerspectiveCamera, Scene, SRGBColorSpace, setConsoleFunction, WebGLRenderer } from 'three';
import { CAMERA_FOV_DEGREES } from '../view-sets.js';
import { createGlContext, type GlContext } from './gl-context.js';

/** A GL context with three on it, a scene and a camera: all that lives as long as the process does. */
export interface Stage {
  readonly gl: GlContext;
  readonly renderer: WebGLRenderer;
  readonly scene: Scene;
  readonly camera: PerspectiveCamera;
  /** Resizes the drawing buffer; it is square. */
  resize(edgePx: number): void;
  /** Reads the drawing buffer: RGBA, bottom row first. */
  read(): Uint8Array;
  /** What three found wrong with a shader since the last call, or GL with a call. */
  takeFault(): string | undefined;
  /** Brings GL's state to its defaults, with no texture bound anywhere, and lets three know. */
  reset(): void;
}

/** @throws RenderError `context_unavailable` */
export function openStage(edgePx: number): Stage {
  emulateBrowser();
  const gl = createGlContext(edgePx, edgePx);
  const canvas = {
    width: edgePx,
    height: edgePx,
    style: {},
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
    getContext: () => gl,
  };
  gl.canvas = canvas;
  const renderer = new WebGLRenderer({
    canvas: canvas as never,
    context: gl as never,
    antialias: false,
    alpha: false,
    preserveDrawingBuffer: true,
  });
  renderer.setPixelRatio(1);
  renderer.outputColorSpace = SRGBColorSpace;
  renderer.toneMapping = NoToneMapping;

  const takeShaderFault = watchShaders(renderer);
  const resizeBuffer = gl.getExtension('STACKGL_resize_drawingbuffer');
  let edge = edgePx;
  renderer.setSize(edge, edge, false);
  return {
    gl,
    renderer,
    scene: new Scene(),
    camera: new PerspectiveCamera(CAMERA_FOV_DEGREES, 1, 0.05, 100),
    resize: (wanted) => {
      if (wanted === edge) return;
      resizeBuffer?.resize(wanted, wanted);
      renderer.setSize(wanted, wanted, false);
      edge = wanted;
    },
    read: () => {
      const pixels = new Uint8Array(edge * edge * 4);
      renderer.state.bindFramebuffer(gl.FRAMEBUFFER, null);
      gl.readPixels(0, 0, edge, edge, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
      return pixels;
    },
    takeFault: () => {
      const glError = gl.getError();
      return takeShaderFault() ?? (glError === gl.NO_ERROR ? undefined : `GL error 0x${glError.toString(16)}`);
    },
    reset: () => {
      unbindTextures(gl);
      renderer.resetState();
    },
  };
}

/**
 * Unbinds every texture of every unit.
 *
 * To be done before textures are deleted: headless-gl 9.0.0-rc.10 cannot unbind an array or 3D texture that is deleted
 * (its deleteTexture calls activeTexture with the texture's target for a unit), so GL errs and the texture stays.
 */
function unbindTextures(gl: GlContext): void {
  const units = Number(gl.getParameter(gl.MAX_COMBINED_TEXTURE_IMAGE_UNITS));
  for (let unit = 0; unit < units; unit += 1) {
    gl.activeTexture(gl.TEXTURE0 + unit);
    for (const target of [gl.TEXTURE_2D, gl.TEXTURE_CUBE_MAP, gl.TEXTURE_2D_ARRAY, gl.TEXTURE_3D]) {
      gl.bindTexture(target, null);
    }
  }
}

/** three only logs a shader that does not compile, and draws on without it. */
function watchShaders(renderer: WebGLRenderer): () => string | undefined {
  let fault: string | undefined;
  renderer.debug.onShaderError = (gl, program, vertexShader, fragmentShader) => {
    const logs = [
      gl.getProgramInfoLog(program),
      gl.getShaderInfoLog(vertexShader),
      gl.getShaderInfoLog(fragmentShader),
    ];
    fault ??= logs.join(' ').slice(0, 500);
  };
  return () => {
    const taken = fault;
    fault = undefined;
    return taken;
  };
}

/** three looks for a few of a browser's globals; none of them does anything here. */
function emulateBrowser(): void {
  const globals = globalThis as Record<string, unknown>;
  globals.self ??= globalThis;
  globals.requestAnimationFrame ??= () => 0;
  globals.cancelAnimationFrame ??= () => undefined;
  // A hostile file could else fill the log: what matters comes back as a code.
  setConsoleFunction(() => undefined);
}
