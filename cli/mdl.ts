#!/usr/bin/env node
process.stdout.write('mdl\n');
