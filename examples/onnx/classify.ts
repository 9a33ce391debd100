/** User code: a neural network in the ONNX format, loaded once per worker. */
import type { InferenceSession } from 'onnxruntime-web';

interface Star {
  readonly bp_rp: number | null;
  readonly phot_g_mean_mag: number;
  readonly parallax: number;
}

interface Loaded {
  readonly runtime: typeof import('onnxruntime-web');
  readonly session: InferenceSession;
}

export const returns = { absolute: 'double', giant: 'float' } as const;

/** Loads the model that the constants name. */
export async function setup({ model }: { readonly model: string }): Promise<Loaded> {
  const runtime = await import('onnxruntime-web').catch((cause: unknown) => {
    throw new Error('the ONNX runtime is missing: npm install onnxruntime-web', { cause });
  });
  // The workers are threads already.
  runtime.env.wasm.numThreads = 1;
  return { runtime, session: await runtime.InferenceSession.create(model) };
}

export async function classify(
  { bp_rp, phot_g_mean_mag, parallax }: Star,
  { setup: { runtime, session } }: { readonly setup: Loaded },
) {
  if (bp_rp === null || !(parallax > 0)) return null;
  // Parallaxes are milliarcseconds.
  const absolute = phot_g_mean_mag + 5 * Math.log10(parallax / 100);
  const x = new runtime.Tensor('float32', Float32Array.of(bp_rp, absolute), [1, 2]);
  const { p } = await session.run({ x });
  return { absolute, giant: p!.data[0] as number };
}
