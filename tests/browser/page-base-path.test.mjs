// The meeting page below a base path, beside another site.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { demo } from '../lib/api.mjs';
import { startInstance } from '../lib/instance.mjs';
import { launch } from './page.mjs';
import { Visitor } from './visitor.mjs';

let inst;
let browser;

before(async () => {
	inst = await startInstance({ conf: { base_path: '/unio' } });
	browser = await launch();
});
after(async () => {
	await browser?.close();
	await inst?.stop();
});

test('two people are in a call through a page that does not stand at the root', async () => {
	const people = [];
	for (const { full_name: name, ...who } of [demo.admin, demo.user])
		people.push(await Visitor.inCall(browser, inst, { name, ...who }, 'Demo meeting'));
	await Promise.all(people.map((visitor) => visitor.sees(1)));
	for (const visitor of people) {
		assert.match(visitor.page.url(), /\/unio\/#\/meeting\/1\/join$/);
		assert.deepEqual(visitor.complaints, []);
		await visitor.close();
	}
	inst.assertAlive();
});
