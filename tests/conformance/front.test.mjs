// RFC 6455, case by case, through the front server.
import { wsInstance } from '../ws/support.mjs';
import { conf, runCases } from './run.mjs';

const inst = await wsInstance(conf);

runCases(inst, () => ({ host: '127.0.0.1', port: inst.port }));
