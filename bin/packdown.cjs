#!/usr/bin/env node
// Old syntax only, so that a Node.js which cannot read the rest can still say so.
'use strict';

const needed = 24;
const found = process.versions.node;

if (parseInt(found, 10) < needed) {
  console.error(
    `packdown needs Node.js ${needed} or newer; this is v${found}. Install a newer one from https://nodejs.org and try again.`,
  );
  process.exitCode = 2;
} else {
  import('../dist/main.js');
}
