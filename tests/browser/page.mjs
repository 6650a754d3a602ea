// A browser page that runs the report's client against an instance.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { watchPage } from '../lib/contract_page.mjs';
import { until } from '../lib/instance.mjs';
import { noteSecret } from '../lib/secrets.mjs';

const here = import.meta.dirname ?? new URL('.', import.meta.url).pathname;

export const chromiumPath = process.env.CHROMIUM ?? '/usr/bin/chromium';

/**
 * A headless Chromium with a fake camera and microphone that talks to nobody beyond this machine.
 * @param {{args?: string[], executablePath?: string}} more
 */
export function launch({ args = [], executablePath = chromiumPath } = {}) {
	return chromium.launch({
		executablePath,
		args: [
			'--no-sandbox',
			'--use-fake-device-for-media-stream',
			'--use-fake-ui-for-media-stream',
			// Addresses instead of .local names, and loopback ones too: there may be no other network.
			'--disable-features=WebRtcHideLocalIpsWithMdns',
			'--allow-loopback-in-peer-connection',
			'--disable-background-networking',
			'--disable-component-update',
			'--disable-gpu',
			'--disable-quic',
			'--disable-sync',
			'--no-first-run',
			...args,
		],
	});
}

/** The class, byte for byte as the report prints it. */
export function reportedClass() {
	const [source] = /^class VideoCallClient \{\n.*?^\}$/ms.exec(readFileSync(join(here, 'report.md'), 'utf8'));
	return source;
}

/**
 * Serves the page: the shim and the class. By a server, since a browser takes a page that a test only makes up
 * for one of the public network, and lets none such talk to this machine.
 */
export async function servePage() {
	const body = '<!doctype html><meta charset="utf-8"><title>The report\'s client</title>'
		+ `<script>${readFileSync(join(here, 'shim.js'), 'utf8')}</script><script>${reportedClass()}</script>`;
	const server = createServer((_, reply) => reply.setHeader('Content-Type', 'text/html').end(body));
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	return { address: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

/** One person in a meeting, in a browser of their own as far as cookies and storage go. */
export class Caller {
	#page;

	/** @param user  {id, access, full_name} */
	constructor(user) {
		this.user = user;
		this.errors = [];
	}

	/** Opens the page and connects. */
	async join(browser, pages, inst, meetingId) {
		noteSecret(this.user.access);
		const context = await browser.newContext({ permissions: ['camera', 'microphone'] });
		this.#page = await context.newPage();
		watchPage(this.#page, inst);
		this.#page.on('pageerror', (error) => this.errors.push(error.message));
		await this.#page.goto(`${pages.address}?unio=${inst.wsOrigin}`);
		await this.#page.evaluate(([meeting, token, id]) => startClient(meeting, token, id),
			[meetingId, this.user.access, this.user.id]);
		await this.frame('welcome'); // an open socket is not in the room yet
	}

	/** What this person sees and hears of each other: [{user, video, audio}]. */
	media() {
		return this.#page.evaluate(() => media());
	}

	/** The frames that have come, of one type. */
	frames(type) {
		return this.#page.evaluate((wanted) => received.filter((frame) => frame.type === wanted), type);
	}

	/** Resolves with the first frame of a type that has `fields`. */
	frame(type, fields = {}) {
		return until(async () => (await this.frames(type)).find((frame) =>
			Object.entries(fields).every(([key, value]) => frame[key] === value)),
		`${this.user.full_name} gets ${type} ${JSON.stringify(fields)}`);
	}

	/** Resolves when pictures and sound have come from exactly these people. */
	async sees(others, ms = 30_000) {
		const wanted = others.map(({ user }) => user.id).sort();
		let seen;
		await until(async () => {
			seen = await this.media();
			return JSON.stringify(seen.map(({ user }) => user).sort()) === JSON.stringify(wanted)
				&& seen.every(({ video, audio }) => video > 0 && audio > 0);
		}, '', ms).catch(() => {
			throw new Error(`${this.user.full_name} (${this.user.id}) sees ${JSON.stringify(seen)}, not ${wanted} `
				+ `within ${ms} ms; page errors: ${this.errors.join('; ') || 'none'}`);
		});
	}

	/** The class's own way out. */
	leave() {
		return this.#page.evaluate(() => window.client.disconnect());
	}

	/** How many connections to peers the client holds. */
	peers() {
		return this.#page.evaluate(() => window.client.peerConnections.size);
	}
}
