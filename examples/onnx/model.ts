/**
 * Writes a small neural network in the ONNX format: a protobuf message (onnx/onnx.proto in the repository of ONNX), of
 * which it needs a few fields. Models usually come out of a training program; this one has weights set by hand.
 */
import { writeFileSync } from 'node:fs';

/** Input `x`: BP−RP colour and absolute G magnitude; output `p`: how much that is like a red giant, 0 to 1. */
export function writeRedGiantModel(file: string): void {
  // Two ramps from 0 to 1: redder than 0.95 mag, brighter than 3.5 mag. Both together lift the output above one half.
  const layers = [
    tensor('w1', [2, 4], [5, 5, 0, 0, 0, 0, -1, -1]),
    tensor('b1', [4], [-4.75, -5.75, 3.5, 2.5]),
    tensor('w2', [4, 1], [8, -8, 8, -8]),
    tensor('b2', [1], [-12]),
  ];
  const nodes = [
    node('MatMul', ['x', 'w1'], 'xw'),
    node('Add', ['xw', 'b1'], 'ramps'),
    node('Relu', ['ramps'], 'hidden'),
    node('MatMul', ['hidden', 'w2'], 'hw'),
    node('Add', ['hw', 'b2'], 'score'),
    node('Sigmoid', ['score'], 'p'),
  ];
  const graph = [
    ...nodes.map((bytes) => part(1, bytes)),
    part(2, text('red giants')),
    ...layers.map((bytes) => part(5, bytes)),
    part(11, tensorType('x', [1, 2])),
    part(12, tensorType('p', [1, 1])),
  ];
  const OPERATORS = 13;
  const model = [
    number(1, 8),
    part(7, Buffer.concat(graph)),
    part(8, Buffer.concat([part(1, text('')), number(2, OPERATORS)])),
  ];
  writeFileSync(file, Buffer.concat(model));
}

const FLOAT = 1;

function node(operator: string, inputs: readonly string[], output: string): Buffer {
  return Buffer.concat([
    ...inputs.map((name) => part(1, text(name))),
    part(2, text(output)),
    part(4, text(operator)),
  ]);
}

function tensor(name: string, shape: readonly number[], values: readonly number[]): Buffer {
  const data = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) data.writeFloatLE(value, 4 * i);
  return Buffer.concat([
    ...shape.map((length) => number(1, length)),
    number(2, FLOAT),
    part(8, text(name)),
    part(9, data),
  ]);
}

function tensorType(name: string, shape: readonly number[]): Buffer {
  const dimensions = shape.map((length) => part(1, number(1, length)));
  const type = Buffer.concat([number(1, FLOAT), part(2, Buffer.concat(dimensions))]);
  return Buffer.concat([part(1, text(name)), part(2, part(1, type))]);
}

/** A field whose value is a message, a text or bytes. */
function part(field: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([varint(8 * field + 2), varint(bytes.length), bytes]);
}

/** A field whose value is a whole number. */
function number(field: number, value: number): Buffer {
  return Buffer.concat([varint(8 * field), varint(value)]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}

function text(value: string): Buffer {
  return Buffer.from(value, 'utf8');
}
