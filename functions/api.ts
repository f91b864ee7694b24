import { endpoints as assign } from './assign/index.ts';
import { endpoints as health } from './health/index.ts';
import { endpoints as locate } from './locate/index.ts';
import { endpoints as register } from './register/index.ts';
import { endpoints as status } from './status/index.ts';
import { endpoints as webhook } from './webhook/index.ts';

/** The interface for programs: what openapi.json describes. The pages for people are not among them. */
export const api = [...locate, ...register, ...status, ...assign, ...webhook, ...health];
