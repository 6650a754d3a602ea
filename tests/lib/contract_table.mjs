// docs/openapi.yaml and docs/asyncapi.yaml as tests need them: a table of what there is, and validators as code.
//
// Compiling the schemas takes longer than most test files run, so that it is done once for each version of the two
// descriptions: the code is kept in the build directory, under a name made of their contents.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import vm from 'node:vm';

import { buildDir, root } from './instance.mjs';

const require = createRequire(import.meta.url);

const NAMES = ['openapi', 'asyncapi'];
const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

/** Raised when what is kept has another form. */
const FORM = 1;

/** @returns {{table: object, validators: Record<string, Function>}} */
export function loadContract() {
	const texts = NAMES.map((name) => readFileSync(join(root, `docs/${name}.yaml`)));
	const hash = texts.reduce((sum, text) => sum.update(text), createHash('sha256').update(`${FORM}`)).digest('hex').slice(0, 16);
	const file = join(buildDir, `contract-${hash}.js`);
	let code;
	try {
		code = readFileSync(file, 'utf8');
	} catch {
		code = makeCode(...texts.map((text) => require('js-yaml').load(text.toString('utf8'))));
		mkdirSync(buildDir, { recursive: true });
		writeFileSync(`${file}.${process.pid}`, code);
		renameSync(`${file}.${process.pid}`, file);
	}
	const exports = {};
	vm.compileFunction(code, ['exports', 'require'], { filename: file })(exports, require);
	const { table, ...validators } = exports;
	return { table, validators };
}

/** Both descriptions, as objects. */
export function readDescriptions() {
	return Object.fromEntries(NAMES.map((name) =>
		[name, require('js-yaml').load(readFileSync(join(root, `docs/${name}.yaml`), 'utf8'))]));
}

/** The source of a module that exports `table` and a validator for each of the schemas that it names. */
function makeCode(openapi, asyncapi) {
	const { default: Ajv } = require('ajv/dist/2020.js');
	const { default: standalone } = require('ajv/dist/standalone');
	const ajv = new Ajv({ strict: false, validateSchema: false, code: { source: true } });
	require('ajv-formats').default(ajv);
	ajv.addFormat('idn-email', true);
	ajv.addSchema(openapi, 'openapi').addSchema(asyncapi, 'asyncapi');

	const known = new Map();
	/** The name of the validator of the schema at this place. */
	const schemaAt = (document, pointer) => {
		const ref = `${document}#${pointer}`;
		if (!known.has(ref)) {
			known.set(ref, `v${known.size}`);
			ajv.addSchema({ $id: known.get(ref), $ref: ref });
		}
		return known.get(ref);
	};
	const table = { ...restTable(openapi, schemaAt), ...socketTable(asyncapi, schemaAt) };
	const names = Object.fromEntries([...known.values()].map((name) => [name, name]));
	return `${standalone(ajv, names)};exports.table=${JSON.stringify(table)};`;
}

/** The node that a pointer leads to, through references: [node, pointer]. */
function follow(document, pointer) {
	const node = pointer.split('/').slice(1)
		.reduce((at, part) => at[part.replaceAll('~1', '/').replaceAll('~0', '~')], document);
	return typeof node.$ref === 'string' ? follow(document, node.$ref.slice(1)) : [node, pointer];
}

const escaped = (name) => name.replaceAll('~', '~0').replaceAll('/', '~1');
const mapped = (object, change) => Object.fromEntries(Object.keys(object ?? {}).map((key) => [key, change(key)]));

/** Operations: what they take and what they answer; and the replies that belong to none. */
function restTable(document, schemaAt) {
	const headerAt = (at) => {
		const [header, place] = follow(document, at);
		const [schema] = follow(document, `${place}/schema`);
		return { required: header.required === true, number: schema.type === 'integer', schema: schemaAt('openapi', `${place}/schema`) };
	};
	const contentAt = (content, at) => mapped(content, (type) => schemaAt('openapi', `${at}/content/${escaped(type)}/schema`));
	const responseAt = (at) => {
		const [response, place] = follow(document, at);
		return {
			headers: Object.fromEntries(Object.keys(response.headers ?? {}).map((name) =>
				[name.toLowerCase(), headerAt(`${place}/headers/${escaped(name)}`)])),
			content: contentAt(response.content, place),
		};
	};
	const bodyAt = (at) => {
		const [body, place] = follow(document, at);
		return { required: body.required === true, content: contentAt(body.content, place) };
	};
	const operations = [];
	for (const [path, item] of Object.entries(document.paths)) {
		for (const method of METHODS.filter((name) => item[name])) {
			const at = `/paths/${escaped(path)}/${method}`;
			const parameters = [`/paths/${escaped(path)}`, at].flatMap((above) =>
				(follow(document, above)[0].parameters ?? []).map((_, i) => follow(document, `${above}/parameters/${i}`)));
			operations.push({
				name: `${method.toUpperCase()} ${path}`,
				method: method.toUpperCase(),
				segments: path.split('/').slice(1),
				public: (item[method].security ?? document.security).length === 0,
				parameters: parameters.map(([parameter, place]) => ({
					name: parameter.name,
					in: parameter.in,
					number: follow(document, `${place}/schema`)[0].type === 'integer',
					schema: schemaAt('openapi', `${place}/schema`),
				})),
				body: item[method].requestBody ? bodyAt(`${at}/requestBody`) : null,
				responses: mapped(item[method].responses, (status) => responseAt(`${at}/responses/${status}`)),
			});
		}
	}
	const anywhere = { 204: 'Preflight', 400: 'BadPath', 403: 'OriginRefused', 404: 'NotFound', 405: 'MethodNotAllowed' };
	return { operations, anywhere: mapped(anywhere, (status) => responseAt(`/components/responses/${anywhere[status]}`)) };
}

/** Frames by who says them and what they are called, and the close codes. */
function socketTable(document, schemaAt) {
	const frames = { client: {}, server: {} };
	for (const key of Object.keys(document.components.messages)) {
		const [side, name] = key.split('.');
		frames[side][name] = schemaAt('asyncapi', `/components/messages/${key}/payload`);
	}
	const closes = Object.fromEntries(document.channels.room['x-close-codes'].map(({ close, code }) => [close, code]));
	return { frames, closes };
}
