import { endpoints as assign } from './assign/index.ts';
import { endpoints as dispatchConsole } from './console/index.ts';
import { endpoints as drive } from './drive/index.ts';
import { endpoints as health } from './health/index.ts';
import { endpoints as locate } from './locate/index.ts';
import { endpoints as plans } from './plans/index.ts';
import { endpoints as proofs } from './proofs/index.ts';
import { endpoints as register } from './register/index.ts';
import { endpoints as status } from './status/index.ts';
import { endpoints as changes, stream } from './stream/index.ts';
import { endpoints as track } from './track/index.ts';
import { endpoints as webhook } from './webhook/index.ts';

/** The functions that work with the stores alone. */
export const api = [...locate, ...register, ...status, ...assign, ...plans, ...webhook, ...health];
/** The functions that need more: a page for people, the pictures, what has changed. */
export const pages = [...changes, ...proofs, ...dispatchConsole, ...track, ...drive];
/** All of it, with the stream, which a server alone can give: from these openapi.json is made. */
export const routes = [...api, ...pages, stream];
