// RFC 6455, case by case, at the daemon's own socket.
import path from 'node:path';

import { wsInstance } from '../ws/support.mjs';
import { conf, runCases } from './run.mjs';

const inst = await wsInstance(conf);

runCases(inst, () => ({ path: path.join(inst.varDir, 'run', 'ws.sock') }));
