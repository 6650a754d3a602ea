// The reference: what /api/openapi.json and /api/asyncapi.json of this very server say, laid out for reading.

import { fill, h } from '../app/dom.js';
import { closeCodes, messageCard } from './frames.js';
import { operationCard } from './operations.js';
import { paragraphs } from './prose.js';
import { example, members } from './schema.js';

const BASE = new URL('../', document.baseURI);
const page = /** @type {HTMLElement} */ (document.getElementById('reference'));
const contents = /** @type {HTMLElement} */ (document.getElementById('contents'));
const filter = /** @type {HTMLInputElement} */ (document.getElementById('filter'));

/** @typedef {{id: string, title: string | Node, card: HTMLElement}} Entry */
/** @typedef {{id: string, title: string, lead: (Node | null)[], entries: Entry[]}} Section */

/** @param {string} name @returns {Promise<any>} */
async function read(name) {
	const reply = await fetch(new URL(`api/${name}.json`, BASE));
	if (!reply.ok)
		throw new Error(`${reply.url}: ${reply.status}`);
	return reply.json();
}

/**
 * What a description refers to, and where that stands on this page.
 * @param {any} description @param {string} prefix
 */
function documentOf(description, prefix) {
	return {
		find: (/** @type {string} */ ref) => ref.slice(2).split('/')
			.reduce((at, part) => at[part.replaceAll('~1', '/').replaceAll('~0', '~')], description),
		link: (/** @type {string} */ ref) => `#${prefix}-${ref.slice(ref.lastIndexOf('/') + 1)}`,
	};
}

/** @param {any} openapi @returns {Section[]} */
function restSections(openapi) {
	const found = documentOf(openapi, 'schema');
	const operations = Object.entries(openapi.paths).flatMap(([path, item]) => Object.entries(item)
		.filter(([method]) => method !== 'parameters')
		.map(([method, operation]) => ({ path, method, operation, shared: item.parameters ?? [] })));
	return openapi.tags.map((/** @type {any} */ { name, description }) => ({
		id: `tag-${name}`,
		title: name,
		lead: paragraphs(description),
		entries: operations.filter(({ operation }) => operation.tags.includes(name)).map((one) => ({
			id: one.operation.operationId,
			title: h('span', {}, h('b', { class: `method ${one.method}` }, one.method.toUpperCase()), ` ${one.path}`),
			card: operationCard(one, openapi, found, BASE),
		})),
	}));
}

/** @param {any} asyncapi @returns {Section[]} */
function frameSections(asyncapi) {
	const found = documentOf(asyncapi, 'frame-schema');
	return Object.entries(asyncapi.operations).map(([name, { action, summary, messages }]) => ({
		id: `frames-${name}`,
		title: action === 'receive' ? `${name}: from the client` : `${name}: from the server`,
		lead: paragraphs(summary),
		entries: messages.map((/** @type {{$ref: string}} */ { $ref }) => {
			const key = $ref.slice($ref.lastIndexOf('/') + 1);
			const message = asyncapi.components.messages[key];
			return { id: `frame-${key}`, title: message.title ?? message.name, card: messageCard(key, message, found) };
		}),
	}));
}

/** @param {any} description @param {string} prefix @param {string} title @returns {Section} */
function schemaSection(description, prefix, title) {
	const found = documentOf(description, prefix);
	return {
		id: `${prefix}s`,
		title,
		lead: [],
		entries: Object.entries(description.components.schemas).map(([name, schema]) => ({
			id: `${prefix}-${name}`,
			title: name,
			card: h('article', { id: `${prefix}-${name}`, class: 'entry' },
				h('h3', {}, name),
				...paragraphs(schema.description),
				members(schema, found) ?? h('pre', {}, JSON.stringify(schema, null, '\t')),
				schema.properties ? h('pre', { class: 'example' }, JSON.stringify(example(schema, found), null, '\t')) : null),
		})),
	};
}

/** @param {Section[]} sections */
function show(sections) {
	fill(contents, h('ul', {}, ...sections.map(({ id, title, entries }) => h('li', {},
		h('a', { href: `#${id}` }, title),
		h('ul', {}, ...entries.map((entry) => h('li', {}, h('a', { href: `#${entry.id}` }, entry.title))))))));
	fill(page, ...sections.map(({ id, title, lead, entries }) => h('section', { id, 'aria-labelledby': `${id}-title` },
		h('h2', { id: `${id}-title` }, title), ...lead, ...entries.map(({ card }) => card))));
	document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
}

/** Shows what has all the words in it. */
function find() {
	const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
	for (const section of page.querySelectorAll('section')) {
		const cards = [...section.querySelectorAll('.entry')];
		for (const card of cards)
			/** @type {HTMLElement} */ (card).hidden = !words.every((word) => card.textContent?.toLowerCase().includes(word));
		section.hidden = words.length > 0 && cards.every((card) => /** @type {HTMLElement} */ (card).hidden);
	}
	for (const link of contents.querySelectorAll('a')) {
		const target = document.getElementById(link.hash.slice(1));
		/** @type {HTMLElement} */ (link.parentElement).hidden = target?.hidden ?? false;
	}
}

try {
	const [openapi, asyncapi] = await Promise.all([read('openapi'), read('asyncapi')]);
	show([
		{ id: 'http', title: openapi.info.title, lead: paragraphs(openapi.info.description), entries: [] },
		...restSections(openapi),
		{ id: 'room', title: asyncapi.info.title, lead: [...paragraphs(asyncapi.info.description), ...closeCodes(asyncapi)], entries: [] },
		...frameSections(asyncapi),
		schemaSection(openapi, 'schema', 'Schemas'),
		schemaSection(asyncapi, 'frame-schema', 'Schemas of frames'),
	]);
	filter.addEventListener('input', find);
} catch (error) {
	fill(page, h('p', { class: 'alert', role: 'alert' }, `The descriptions cannot be read: ${error instanceof Error ? error.message : error}`));
}
