// The end of a whole run: everything that docs/openapi.yaml and docs/asyncapi.yaml describe has been seen in it at least
// once. (That nothing else was seen, each test has looked at; see lib/contract.mjs.) tests/run.mjs runs this last.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { contract } from '../lib/contract.mjs';

const seen = new Set(readFileSync(join(process.env.UNIO_SEEN, 'seen'), 'utf8').trim().split('\n'));
const { operations, frames, closes } = contract().table;

/** Fails with what of a list has not been seen. */
function assertSeen(described) {
	assert.ok(described.length > 0);
	assert.deepEqual(described.filter((what) => !seen.has(what)), []);
}

test('every operation has been seen with each of its statuses', () => {
	assertSeen(operations.flatMap(({ name, responses }) => Object.keys(responses).map((status) => `${name} ${status}`)));
});

test('every frame has been seen, of the client and of the server', () => {
	assertSeen(Object.entries(frames).flatMap(([side, names]) => Object.keys(names).map((name) => `${side}.${name}`)));
});

test('every close code has been seen', () => {
	assertSeen(Object.keys(closes).map((code) => `close ${code}`));
});
