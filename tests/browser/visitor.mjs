// A person at the meeting page: opens it, signs in, joins, and looks.

import { watchPage } from '../lib/contract_page.mjs';
import { until } from '../lib/instance.mjs';
import { noteSecret } from '../lib/secrets.mjs';

/** The page's connections, for counting frames; the page itself knows nothing of it. */
function watchConnections() {
	const made = [];
	window.RTCPeerConnection = class extends RTCPeerConnection {
		constructor(...options) {
			super(...options);
			made.push(this);
		}
	};
	window.connections = () => made.filter((pc) => pc.connectionState !== 'closed');
	window.connectionsMade = made;
}

export class Visitor {
	/** What the console and the page itself complained of. */
	complaints = [];

	/**
	 * @param {import('playwright-core').Browser} browser
	 * @param {object} inst
	 * @param {{name: string, email: string, password: string}} who
	 * @param {object} [options]  of the browser context: viewport, colorScheme, …; or `context`, one that is there;
	 *   `path`: of the page
	 */
	static async open(browser, inst, who, { path = '/', context: given, ...options } = {}) {
		const visitor = new Visitor();
		const context = given ?? await browser.newContext({ permissions: ['camera', 'microphone'], ...options });
		await context.addInitScript(watchConnections);
		visitor.page = await context.newPage();
		watchPage(visitor.page, inst);
		visitor.page.on('pageerror', (error) => visitor.complaints.push(error.stack));
		visitor.page.on('console', (message) => {
			// A refused request is the page's business to show, not the console's to hide.
			if (message.type() === 'error' && !/Failed to load resource|WebSocket connection to/.test(message.text()))
				visitor.complaints.push(message.text());
		});
		Object.assign(visitor, { context, inst, who });
		await visitor.page.goto(`${inst.origin}${inst.basePath}${path}`);
		return visitor;
	}

	async signIn({ email, password } = this.who) {
		noteSecret(password);
		await this.page.getByLabel('E-mail address').fill(email);
		await this.page.getByLabel('Password').fill(password);
		await this.page.getByRole('button', { name: 'Sign in' }).click();
		await this.page.getByRole('heading', { name: 'Your meetings' }).waitFor();
	}

	/** From the list through the look in the mirror into the call. */
	async join(title) {
		await this.page.getByRole('link', { name: `Join: ${title}` }).click();
		await this.page.locator('.mirror-box').waitFor();
		await this.page.getByRole('button', { name: 'Join', exact: true }).click();
		await this.button('Leave').waitFor();
	}

	/** Signs in and joins. */
	static async inCall(browser, inst, who, title, options) {
		const visitor = await Visitor.open(browser, inst, who, options);
		await visitor.signIn();
		await visitor.join(title);
		return visitor;
	}

	button(name) {
		return this.page.getByRole('button', { name, exact: true });
	}

	text(text) {
		return this.page.getByText(text, { exact: true });
	}

	/** The picture of another person. */
	tile(name) {
		return this.page.getByRole('group', { name, exact: true });
	}

	/** Frames decoded and audio packets received, for each connection. */
	media() {
		return this.page.evaluate(() => Promise.all(window.connections().map(async (pc) => {
			const found = { video: 0, audio: 0 };
			(await pc.getStats()).forEach((report) => {
				if (report.type === 'inbound-rtp')
					found[report.kind] += report.kind === 'video' ? report.framesDecoded ?? 0 : report.packetsReceived ?? 0;
			});
			return found;
		})));
	}

	/** Resolves when pictures and sound of so many others come, and go on coming. */
	async sees(count, ms = 30_000) {
		let seen;
		/** More than this has come since; the browser counts from 0 again where it has begun anew to receive. */
		let least = [];
		const enough = async () => {
			seen = await this.media();
			least = seen.map((now, i) => ({ video: Math.min(now.video, least[i]?.video ?? Infinity), audio: Math.min(now.audio, least[i]?.audio ?? Infinity) }));
			return seen.length === count && seen.every(({ video, audio }, i) => video > least[i].video && audio > least[i].audio);
		};
		await until(enough, '', ms).catch(() => {
			throw new Error(`${this.who.name} sees ${JSON.stringify(seen)}, at first ${JSON.stringify(least)}: ${this.complaints}`);
		});
	}

	async close() {
		await this.context.close();
	}
}
