// One operation of docs/openapi.yaml: what to ask, what is answered, and a command that does it.

import { h } from '../app/dom.js';
import { paragraphs, prose } from './prose.js';
import { example, kind, members, whole } from './schema.js';

/** @typedef {import('./schema.js').Document} Document */
/** @typedef {{path: string, method: string, operation: any, shared: any[]}} Operation */

/**
 * @param {Operation} one @param {any} openapi @param {Document} found @param {URL} base
 * @returns {HTMLElement}
 */
export function operationCard({ path, method, operation, shared }, openapi, found, base) {
	const parameters = [...shared, ...(operation.parameters ?? [])].map((given) => whole(given, found));
	const open = (operation.security ?? openapi.security).length === 0;
	const body = operation.requestBody && whole(operation.requestBody, found);
	return h('article', { id: operation.operationId, class: 'entry' },
		h('h3', {}, h('b', { class: `method ${method}` }, method.toUpperCase()), ' ', h('code', {}, `/api${path}`)),
		h('p', { class: 'lead' }, ...prose(operation.summary), open ? ' Needs no login.' : ''),
		...paragraphs(operation.description),
		...parameterTable(parameters, found),
		...(body ? bodyPart(body, found) : []),
		...responsePart(operation.responses, found),
		h('pre', { class: 'example' }, command(method, path, open, body, found, base)));
}

/** @param {any[]} parameters @param {Document} found */
function parameterTable(parameters, found) {
	if (parameters.length === 0)
		return [];
	return [h('table', {},
		h('thead', {}, h('tr', {}, ...['Parameter', 'Where', 'What it is', 'Meaning'].map((title) => h('th', { scope: 'col' }, title)))),
		h('tbody', {}, ...parameters.map(({ name, in: where, schema, description }) => h('tr', {},
			h('th', { scope: 'row' }, h('code', {}, name)), h('td', {}, where), h('td', {}, ...kind(schema, found)),
			h('td', {}, ...prose(description))))))];
}

/** @param {any} body @param {Document} found */
function bodyPart(body, found) {
	const { schema } = body.content['application/json'];
	return [h('h4', {}, body.required ? 'Body' : 'Body, may be left out'), members(schema, found) ?? h('p', {}, ...kind(schema, found))];
}

/** @param {Record<string, any>} responses @param {Document} found */
function responsePart(responses, found) {
	return [h('h4', {}, 'Replies'), h('table', { class: 'replies' },
		h('thead', {}, h('tr', {}, ...['Status', 'When', 'What comes'].map((title) => h('th', { scope: 'col' }, title)))),
		h('tbody', {}, ...Object.entries(responses).map(([status, given]) => responseRow(status, whole(given, found), found))))];
}

/** @param {string} status @param {any} response @param {Document} found */
function responseRow(status, response, found) {
	const [[type, content] = []] = /** @type {[string, any][]} */ (Object.entries(response.content ?? {}));
	const own = Object.keys(response.headers ?? {}).filter((name) => name !== 'X-Request-Id');
	const codes = content && whole(content.schema, found).properties?.code;
	return h('tr', { class: Number(status) < 400 ? 'good' : 'bad' },
		h('th', { scope: 'row' }, status),
		h('td', {}, ...prose(response.description)),
		h('td', {},
			...(!content ? ['nothing'] : type === 'application/json' ? kind(content.schema, found) : [type ?? '']),
			...(codes && Number(status) >= 400 ? [': ', ...kind(codes, found)] : []),
			...own.flatMap((name) => [', ', h('code', {}, name)])));
}

/**
 * The same with curl.
 * @param {string} method @param {string} path @param {boolean} open @param {any} body @param {Document} found @param {URL} base
 */
function command(method, path, open, body, found, base) {
	const given = body?.required ? body.content['application/json'] : null;
	const json = given && (given.example ?? example(given.schema, found));
	const sent = json ? JSON.stringify(json) : '';
	const hasBody = json || method === 'post'; // curl then says how long it is, which some web servers insist on
	return [
		'curl',
		method === 'get' || method === 'post' ? '' : `-X ${method.toUpperCase()}`,
		`'${new URL(`api${path.replaceAll(/\{\w+\}/g, '1')}`, base)}'`,
		open ? '' : '-H "Authorization: Bearer $TOKEN"',
		hasBody ? `--json '${sent}'` : '',
	].filter(Boolean).join(' ');
}
