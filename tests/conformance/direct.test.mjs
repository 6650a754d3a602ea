// RFC 6455, case by case, at the daemon's own socket.
import path from 'node:path';

import { wsInstance } from '../ws/support.mjs';
import { LIBRARY } from './exceptions.mjs';
import { runHandshake } from './handshake.mjs';
import { conf, runCases } from './run.mjs';

const inst = await wsInstance(conf);
const where = () => ({ path: path.join(inst.varDir, 'run', 'ws.sock') });

runHandshake(inst, where);
runCases(inst, where, LIBRARY);
