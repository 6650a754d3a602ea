// The reference that a server shows of itself, below a base path: everything that the descriptions have, found by words,
// without a complaint of the browser (nor of its Content-Security-Policy), and for everybody to read.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, afterEach, before, test } from 'node:test';
import { promisify } from 'node:util';

import { assertContract } from '../lib/contract.mjs';
import { watchPage } from '../lib/contract_page.mjs';
import { readDescriptions } from '../lib/contract_table.mjs';
import { startInstance } from '../lib/instance.mjs';
import { look, SIZES } from './look.mjs';
import { launch } from './page.mjs';

const { openapi, asyncapi } = readDescriptions();
const run = promisify(execFile);
const complaints = [];
let inst;
let browser;

before(async () => {
	inst = await startInstance({ conf: { base_path: '/unio' } });
	browser = await launch();
});
afterEach(() => {
	inst.assertAlive();
	assertContract();
	assert.deepEqual(complaints.splice(0), []);
});
after(async () => {
	await browser?.close();
	await inst?.stop();
});

/** The page, when all of it is there. */
async function open({ hash = '', ...options } = {}) {
	const page = await (await browser.newContext(options)).newPage();
	page.on('pageerror', (error) => complaints.push(error.stack));
	page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
	watchPage(page, inst);
	await page.goto(`${inst.origin}/unio/docs/${hash}`);
	await page.locator('.entry').first().waitFor();
	return page;
}

test('every operation, frame, close code and schema is there, and every link leads to something', async () => {
	const page = await open();
	const ids = await page.evaluate(() => [...document.querySelectorAll('.entry')].map(({ id }) => id));
	const operations = Object.values(openapi.paths).flatMap((item) => Object.values(item)).map(({ operationId }) => operationId).filter(Boolean);
	assert.deepEqual(ids.sort(), [
		...operations,
		...Object.keys(asyncapi.components.messages).map((name) => `frame-${name}`),
		...Object.keys(openapi.components.schemas).map((name) => `schema-${name}`),
		...Object.keys(asyncapi.components.schemas).map((name) => `frame-schema-${name}`),
	].sort());
	const dead = await page.evaluate(() => [...document.querySelectorAll('a[href^="#"]')]
		.filter(({ hash }) => !document.getElementById(hash.slice(1))).map(({ hash }) => hash));
	assert.deepEqual(dead, []);
	const text = await page.locator('main').innerText();
	for (const { close } of asyncapi.channels.room['x-close-codes'])
		assert.match(text, new RegExp(`^${close}\\b`, 'm'));
	await page.context().close();
});

test('words find what has all of them', async () => {
	const page = await open();
	await page.getByLabel('Find').fill('too_many_bans');
	assert.deepEqual(await page.locator('.entry:visible').evaluateAll((list) => list.map(({ id }) => id)), ['banUser']);
	await page.getByLabel('Find').fill('');
	assert.ok(await page.locator('.entry:visible').count() > 100);
	await page.context().close();
});

/** Runs a curl command: the status of its reply. */
async function status(command) {
	const { stdout } = await run('sh', ['-c', `${command} -sS -o /dev/null -w '%{http_code}'`]);
	return Number(stdout);
}

test('a link to an operation shows it, with a command that works', async () => {
	const page = await open({ hash: '#getHealth' });
	await page.locator('#getHealth').waitFor();
	assert.ok(await page.locator('#getHealth').evaluate((entry) => Math.abs(entry.getBoundingClientRect().top) < innerHeight));
	const command = await page.locator('#getHealth pre').innerText();
	assert.equal(await status(command), 200);
	await page.context().close();
});

test('the commands say what they send, and how much of it', async () => {
	const page = await open({ hash: '#login' });
	await page.locator('#login').waitFor();
	for (const [operation, expected] of [['login', 200], ['createTicket', 401], ['changeMe', 401]]) // there is no $TOKEN
		assert.equal(await status(await page.locator(`#${operation} pre`).innerText()), expected, operation);
	await page.context().close();
});

test('it is whole and accessible in every size, light and dark', async () => {
	for (const colorScheme of ['light', 'dark']) {
		const page = await open({ colorScheme, hash: '#addParticipant' });
		await look({ page }, `reference-${colorScheme}`, { hasAxe: false });
		// Some of each kind: axe-core looks at each element for itself, and there are ten thousand.
		await page.getByLabel('Find').fill('ice_policy');
		await look({ page }, `reference-found-${colorScheme}`, { sizes: { phone: SIZES.phone } });
		await page.context().close();
	}
});
