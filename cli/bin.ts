#!/usr/bin/env node
// Imports nothing and uses old syntax only, so that an old Node reaches the message below instead of
// failing on a module that it cannot parse.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major > 22 || (major === 22 && minor >= 18)) {
  import('./main.ts')
    .then((program) => program.main(process.argv.slice(2)))
    .catch((error: Error) => fail(error.message, 1));
} else {
  fail(`crosshatch needs Node.js 22.18 or newer, and this is ${process.version}`, 2);
}

function fail(message: string, exitCode: number): void {
  console.error(message);
  process.exitCode = exitCode;
}
