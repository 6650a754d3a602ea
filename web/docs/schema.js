// JSON Schemas as a person reads them: what a value may be in a few words, the members of an object as a table, and an
// example made up from it where none is given.

import { h } from '../app/dom.js';
import { prose } from './prose.js';

/** @typedef {Record<string, any>} Schema */
/** @typedef {{find: (ref: string) => Schema, link: (ref: string) => string}} Document */

/** The name at the end of a reference. @param {string} ref */
export const nameOf = (ref) => ref.slice(ref.lastIndexOf('/') + 1);

/** Bounds, as far as they say something. @type {[string, (value: any) => string][]} */
const BOUNDS = [
	['minimum', (value) => `at least ${value}`],
	['maximum', (value) => `at most ${value}`],
	['maxLength', (value) => `at most ${value} characters`],
	['maxItems', (value) => `at most ${value}`],
	['default', (value) => `${value} by default`],
];

/**
 * What a value may be, as text and links.
 * @param {Schema} schema @param {Document} document
 * @returns {(string | Node)[]}
 */
export function kind(schema, document) {
	if (schema.$ref)
		return [h('a', { href: document.link(schema.$ref) }, nameOf(schema.$ref))];
	if ('const' in schema)
		return [h('code', {}, JSON.stringify(schema.const))];
	if (schema.enum)
		return schema.enum.flatMap((/** @type {any} */ value, /** @type {number} */ i) => [i > 0 ? ' or ' : '', h('code', {}, JSON.stringify(value))]);
	for (const either of [schema.anyOf, schema.oneOf])
		if (either?.every((/** @type {Schema} */ one) => one.$ref || one.type))
			return either.flatMap((/** @type {Schema} */ one, /** @type {number} */ i) => [i > 0 ? ' or ' : '', ...kind(one, document)]);
	if (schema.allOf)
		return kind(schema.allOf[0], document);
	const types = [schema.type ?? 'anything'].flat();
	const words = types.map((type) => (type === 'array' ? 'list' : type)).join(' or ');
	const bounds = BOUNDS.filter(([key]) => key in schema).map(([key, say]) => say(schema[key]));
	/** @type {(string | Node)[]} */
	const what = [words, schema.format && schema.format !== 'int64' ? ` (${schema.format})` : ''];
	if (schema.items)
		what.push(' of ', ...kind(schema.items, document));
	return [...what, bounds.length > 0 ? `, ${bounds.join(', ')}` : ''];
}

/**
 * The members of an object, those of objects inside it as well; null if it has none.
 * @param {Schema} given @param {Document} document
 */
export function members(given, document) {
	const rows = rowsOf(given, document, '');
	if (rows.length === 0)
		return null;
	const either = whole(given, document).anyOf?.map((/** @type {Schema} */ { required }) => required).filter(Boolean) ?? [];
	const caption = either.length > 1 ? h('caption', {}, `Wanted: ${either.flat().join(' or ')}.`) : null;
	return h('table', { class: 'members' },
		caption,
		h('thead', {}, h('tr', {}, ...['Member', 'What it is', 'Meaning'].map((title) => h('th', { scope: 'col' }, title)))),
		h('tbody', {}, ...rows));
}

/** @param {Schema} given @param {Document} document @param {string} above @returns {HTMLElement[]} */
function rowsOf(given, document, above) {
	const schema = whole(given, document);
	return Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
		const inner = member.type === 'array' || member.items ? member.items : member;
		const row = h('tr', {},
			h('th', { scope: 'row' }, h('code', {}, `${above}${name}`), schema.required?.includes(name) ? null : h('span', { class: 'maybe' }, ' may be left out')),
			h('td', {}, ...kind(member, document)),
			h('td', {}, ...prose(member.description ?? '')));
		return inner.properties ? [row, ...rowsOf(inner, document, `${above}${name}${inner === member ? '' : '[]'}.`)] : [row];
	});
}

/** A schema with all that it refers to, or is made of. @param {Schema} schema @param {Document} document @returns {Schema} */
export function whole(schema, document) {
	if (schema.$ref)
		return whole(document.find(schema.$ref), document);
	if (!schema.allOf)
		return schema;
	const parts = schema.allOf.map((/** @type {Schema} */ part) => whole(part, document));
	return Object.assign({}, schema, ...parts, {
		properties: Object.assign({}, ...parts.map((/** @type {Schema} */ part) => part.properties)),
		required: parts.flatMap((/** @type {Schema} */ part) => part.required ?? []),
		examples: undefined,
	});
}

/** An example of a value. @param {Schema} given @param {Document} document @returns {any} */
export function example(given, document) {
	const schema = whole(given, document);
	if (schema.examples?.length > 0)
		return schema.examples[0];
	if ('const' in schema)
		return schema.const;
	if (schema.enum)
		return schema.enum[0];
	if (schema.anyOf && !schema.properties)
		return example(schema.anyOf.at(-1), document);
	if (schema.items)
		return [example(schema.items, document)];
	if (schema.properties) {
		const { required = [], properties } = schema;
		return Object.fromEntries(required.map((/** @type {string} */ name) => [name, example(properties[name], document)]));
	}
	const simple = /** @type {Record<string, any>} */ ({ string: '…', integer: schema.minimum ?? 0, number: 0, boolean: true, object: {}, array: [] });
	return simple[[schema.type].flat()[0]] ?? null;
}
