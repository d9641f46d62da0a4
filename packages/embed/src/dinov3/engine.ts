import type { Dinov3Spec, Engine } from '../engine.js';
export async function openDinov3(_spec: Dinov3Spec): Promise<Engine> {
  throw new Error('x');
}
