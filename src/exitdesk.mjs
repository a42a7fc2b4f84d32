#!/usr/bin/env node
// The door: an old Node cannot even read a .ts file, so this file is plain JavaScript and says what to do.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(
    `exitdesk needs Node 22.19 or newer, this is ${process.versions.node}. In a checkout run it as ` +
      '"npm run -s exitdesk -- COMMAND": npm ci brings the right Node along.\n',
  );
  process.exitCode = 78;
} else {
  await import('./main.ts');
}
