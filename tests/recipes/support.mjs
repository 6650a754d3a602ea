// The recipes as an administrator runs them, on a database of their own or on a running instance.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { assertDone } from '../lib/ctl.mjs';
import { buildDir, root } from '../lib/instance.mjs';
import { runProgram } from '../lib/programs.mjs';

const base = mkdtempSync(join(tmpdir(), 'unio-recipes-'));
process.on('exit', () => rmSync(base, { recursive: true, force: true }));
let sites = 0;

export const recipes = join(root, 'admin/recipes');
const unioctl = join(buildDir, 'unioctl');

/** A database that no program runs on: {dir, confPath, database, unioctl, ctl(args, {input})}. */
export async function newSite({ users = [] } = {}) {
	const dir = mkdtempSync(join(base, `${++sites}-`));
	const site = { dir, confPath: join(dir, 'conf'), database: join(dir, 'db'), unioctl };
	writeFileSync(site.confPath, `database = ${site.database}\nsecret_file = ${dir}/key\nwake_endpoint = ipc://${dir}/wake\n`
		+ `control_socket = ${dir}/ctl.sock\npassword_passes = 1\npassword_memory = 8192\n`);
	site.ctl = (args, options) => runProgram('unioctl', ['-c', site.confPath, ...args], options);
	assertDone(await site.ctl(['migrate']));
	for (const email of users)
		assertDone(await site.ctl(['user', 'add', email, '--name', email.split('@')[0]], { input: 'long enough\n' }));
	return site;
}

/** The environment in which every unioctl whose arguments hold these words fails, as with a busy database. */
export function failing({ dir }, words) {
	const path = join(dir, 'failing');
	writeFileSync(path, `#!/bin/sh\ncase "$*" in *"${words}"*) exit 5 ;; esac\nexec "${unioctl}" "$@"\n`, { mode: 0o755 });
	return { UNIOCTL: path };
}

/** Starts a recipe on the configuration `confPath` of a site or an instance. */
export function startRecipe({ confPath }, name, args = [], { env = {} } = {}) {
	return spawn(join(recipes, `${name}.sh`), args, {
		env: { ...process.env, UNIO_CONF: confPath, UNIOCTL: unioctl, ...env },
		stdio: ['ignore', 'pipe', 'pipe'],
	});
}

/** Runs one to its end: {code, stdout, stderr}. */
export async function runRecipe(site, name, args, options) {
	const child = startRecipe(site, name, args, options);
	const result = { stdout: '', stderr: '' };
	for (const stream of ['stdout', 'stderr'])
		child[stream].setEncoding('utf8').on('data', (text) => { result[stream] += text; });
	const [code, signal] = await once(child, 'close');
	return { ...result, code: code ?? signal };
}

/** What a recipe prints when all goes well. */
export async function outputOf(site, name, args, options) {
	const { code, stdout, stderr } = await runRecipe(site, name, args, options);
	assert.equal(`${code} ${stderr}`, '0 ');
	return stdout;
}
