import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { OnnxGraph } from '../../src/onnx/onnx-graph.js';

describe('a graph that we write', () => {
  it('runs in ONNX Runtime: constants, attributes of every kind, a split, an open dimension', async () => {
    const graph = new OnnxGraph('small');
    const x = graph.input('x', ['batch', 4]);
    const [first, second] = graph.halve(x, 2);
    const swapped = graph.op('Concat', [second, first], { axis: -1 });
    const scaled = graph.op('Mul', [swapped, graph.floats('scale', [4], Float32Array.of(1, 10, 100, 1000))]);
    const turned = graph.op('Transpose', [graph.op('LeakyRelu', [scaled], { alpha: { float: 0.5 } })], {
      perm: [1, 0],
    });
    graph.output('y', [4, 'batch'], turned);
    const session = await InferenceSession.create(graph.toBytes());
    const { y } = await session.run({ x: new Tensor('float32', Float32Array.of(1, 2, 3, 4, -1, -2, -3, -4), [2, 4]) });
    expect(y?.dims).toEqual([4, 2]);
    expect([...((y?.data as Float32Array | undefined) ?? [])]).toEqual([3, -1.5, 40, -20, 100, -50, 2000, -1000]);
    await session.release();
  });

  it('is the same bytes for the same calls', () => {
    const build = () => {
      const graph = new OnnxGraph('same');
      graph.output('y', [2], graph.op('Neg', [graph.input('x', [2])]));
      return graph.toBytes();
    };
    expect(build()).toEqual(build());
  });
});
