// RFC 6455, case by case, through the front server.
import { defaults } from '../lib/instance.mjs';
import { wsInstance } from '../ws/support.mjs';
import { LIBRARY } from './exceptions.mjs';
import { runHandshake } from './handshake.mjs';
import { conf, runCases } from './run.mjs';

const inst = await wsInstance(conf);
const where = () => ({ host: '127.0.0.1', port: inst.port });

// Connection is between a client and the front server alone (RFC 9110 §7.6.1): these write one of their own.
runHandshake(inst, where, ['apache', 'lighttpd'].includes(defaults.web) ? ['without Upgrade in Connection'] : []);
runCases(inst, where, LIBRARY);
