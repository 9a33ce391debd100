/** Property tests run the same cases every time; `CROSSHATCH_SEED=random` looks for new ones. */
import fc from 'fast-check';

const seed = process.env.CROSSHATCH_SEED ?? '20260101';
if (seed !== 'random') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });
