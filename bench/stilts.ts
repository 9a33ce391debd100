/** STILTS over arrays: a whole process of Java, which reads and writes FITS; the time of an empty match is in it. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { processProgram } from './commands.ts';
import type { Program } from './suite.ts';
import { rivalPython } from './venv.ts';

/** @throws where it is not installed */
export function stilts(dir: string, radius: number): Program {
  if (spawnSync('stilts', ['-version'], { stdio: 'ignore' }).status !== 0) {
    throw new Error('it is not installed (Debian: stilts)');
  }
  const files = join(import.meta.dirname, 'rivals', 'stilts_files.py');
  const { status, stderr } = spawnSync(rivalPython(), [files, 'write', dir], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`no FITS files for it: ${stderr.slice(-500)}`);
  const command = [
    ...['stilts', '-Xmx4g', 'tmatch2', 'matcher=sky', `params=${radius}`],
    ...['values1=ra dec', 'values2=ra dec', 'find=best1', 'join=1and2', 'progress=none'],
    ...['runner=sequential', `in1=${join(dir, 'left.fits')}`, `in2=${join(dir, 'right.fits')}`],
    ...['ofmt=fits', `out=${join(dir, 'stilts.fits')}`],
  ];
  const program = processProgram('stilts', command);
  let isFirst = true;
  return {
    ...program,
    async run() {
      const measured = await program.run();
      if (isFirst) spawnSync(rivalPython(), [files, 'read', dir], { stdio: 'inherit' });
      isFirst = false;
      return measured;
    },
  };
}
