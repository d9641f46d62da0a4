/** The shape of DINOv3 ViT-S/16 (facebook/dinov3-vits16-pretrain-lvd1689m, config.json). */
export const VITS16 = {
  width: 384,
  layers: 12,
  heads: 6,
  mlpWidth: 1536,
  patch: 16,
  registers: 4,
  epsilon: 1e-5,
  ropeTheta: 100,
} as const;

/**
 * Every weight that the model needs: its name in the published state dict and its shape. 21 596 160 numbers.
 *
 * The published file also has a mask token, which only training uses. The key projection has no bias.
 */
export function requiredTensors(): ReadonlyMap<string, readonly number[]> {
  const { width, layers, mlpWidth, patch, registers } = VITS16;
  const tensors = new Map<string, readonly number[]>([
    ['embeddings.cls_token', [1, 1, width]],
    ['embeddings.register_tokens', [1, registers, width]],
    ['embeddings.patch_embeddings.weight', [width, 3, patch, patch]],
    ['embeddings.patch_embeddings.bias', [width]],
  ]);
  for (let layer = 0; layer < layers; layer++) {
    const at = (name: string, shape: readonly number[]) => tensors.set(`layer.${layer}.${name}`, shape);
    at('norm1.weight', [width]);
    at('norm1.bias', [width]);
    for (const projection of ['q', 'k', 'v', 'o']) {
      at(`attention.${projection}_proj.weight`, [width, width]);
      if (projection !== 'k') at(`attention.${projection}_proj.bias`, [width]);
    }
    at('layer_scale1.lambda1', [width]);
    at('norm2.weight', [width]);
    at('norm2.bias', [width]);
    at('mlp.up_proj.weight', [mlpWidth, width]);
    at('mlp.up_proj.bias', [mlpWidth]);
    at('mlp.down_proj.weight', [width, mlpWidth]);
    at('mlp.down_proj.bias', [width]);
    at('layer_scale2.lambda1', [width]);
  }
  return tensors.set('norm.weight', [width]).set('norm.bias', [width]);
}
