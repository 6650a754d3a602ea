// What the tests of unioctl have in common: its exit codes and how it speaks.
import assert from 'node:assert/strict';

/** The exit codes that `unioctl -h` documents. */
export const exitCode = { failed: 1, usage: 2, notFound: 3, conflict: 4, busy: 5 };

/** Asserts success without a word on standard error; returns standard output. */
export function assertDone({ code, stdout, stderr }) {
	assert.equal(code, 0, `exit ${code}: ${stderr}`);
	assert.equal(stderr, '');
	return stdout;
}

/** Asserts a failure with that exit code, said on standard error alone; returns what it said. */
export function assertRefused({ code, stdout, stderr }, expected) {
	assert.equal(code, expected, `exit ${code}: ${stderr}${stdout}`);
	assert.equal(stdout, '');
	assert.match(stderr, /\S/);
	return stderr;
}

/** The rows of a `… list --json`: an array, alone or as the only array of an object. */
export function listed(text) {
	const value = JSON.parse(text);
	const rows = Array.isArray(value) ? value : Object.values(value).find(Array.isArray);
	assert.ok(rows, `a list: ${text.slice(0, 200)}`);
	return rows;
}
